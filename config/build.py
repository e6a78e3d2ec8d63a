"""Which code is running, so that processes of different builds are told apart."""

import subprocess
from pathlib import Path

UNKNOWN = "unknown"


def build_id(root: Path) -> str:
    """Return the short commit of `root`, with "+" when files differ from it, or "unknown" without git."""
    command = ["git", "-C", str(root), "describe", "--always", "--dirty=+", "--exclude=*", "--abbrev=12"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return UNKNOWN
    return answer.stdout.strip() or UNKNOWN
