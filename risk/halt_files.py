"""Halts that were raised without the database: signed files, read before anything else, kept until they are recorded.

Knows neither Django nor the database: what stops the desk when both are away must not need them.
"""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SUFFIX = ".halt.json"
_PURPOSE = b"gatehouse halt file"
_LEVELS = frozenset({"H1", "H2", "H3"})


@dataclass(frozen=True, slots=True)
class DirectHalt:
    """One halt of a file: `account` is empty for the firm, `at` the wall clock, `lines` what the broker confirmed."""

    level: str
    account: str
    reason: str
    by: str
    at: datetime
    lines: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class HaltFile:
    """A file as it was found. One whose signature or content is wrong is a halt of the firm, and says so."""

    path: Path
    halt: DirectHalt
    sound: bool


def write(folder: Path, secret: str, halt: DirectHalt) -> Path:
    """Leave a signed file, whole or not at all; returns where. Raises OSError where nothing can be written."""
    folder.mkdir(parents=True, exist_ok=True)
    content = asdict(halt) | {"at": halt.at.astimezone(UTC).isoformat(), "lines": list(halt.lines)}
    text = json.dumps({"halt": content, "signature": _signature(content, secret)}, indent=1)
    path = folder / f"{halt.at.astimezone(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}{SUFFIX}"
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    return path


def read(folder: Path, keys: Sequence[str]) -> list[HaltFile]:
    """Every halt file, oldest first; `keys` are the secret key and those it replaced. Raises OSError, never guesses."""
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.name.endswith(SUFFIX))
    except FileNotFoundError:
        return []
    return [found for name in names if (found := _read(folder / name, keys)) is not None]


def _read(path: Path, keys: Sequence[str]) -> HaltFile | None:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
        changed = path.stat().st_mtime
    except FileNotFoundError:
        return None  # another process has recorded it just now
    try:
        told = json.loads(text)
        content, signature = told["halt"], str(told["signature"])
        if not any(hmac.compare_digest(signature, _signature(content, key)) for key in keys):
            return _doubtful(path, changed, "its signature is wrong")
        return HaltFile(path, _halt(content), sound=True)
    except (ValueError, KeyError, TypeError) as problem:
        return _doubtful(path, changed, f"it cannot be read ({type(problem).__name__})")


def _halt(content: dict[str, Any]) -> DirectHalt:
    halt = DirectHalt(**content | {"at": datetime.fromisoformat(content["at"]), "lines": tuple(content["lines"])})
    if halt.level not in _LEVELS or not halt.reason.strip() or halt.at.tzinfo is None:
        raise ValueError("no halt")
    return halt


def _doubtful(path: Path, changed: float, why: str) -> HaltFile:
    """Whoever could put a file there could stop the desk anyway, so doubt stops it."""
    reason = f"The halt file {path.name} stops the desk although {why}; find out who left it."
    return HaltFile(path, DirectHalt("H2", "", reason, "halt file", datetime.fromtimestamp(changed, UTC)), sound=False)


def _signature(content: dict[str, Any], secret: str) -> str:
    key = hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256)
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(key, canonical.encode(), hashlib.sha256).hexdigest()
