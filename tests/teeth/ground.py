"""A copy of the program to plant bugs in; the tree itself is never touched."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.teeth.bugs import Bug


class DoesNotApply(Exception):
    """The program has moved on under a patch; the text says which, and why."""


class Copy:
    """One copy. Not for use by two threads."""

    def __init__(self, source: Path, home: Path) -> None:
        self.home = home
        for name in _kept(source):
            if (source / name).is_file():
                (home / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source / name, home / name)

    @contextmanager
    def planted(self, bug: Bug) -> Iterator[None]:
        """The copy with the bug in it, for the length of a block. Raises `DoesNotApply`."""
        before = {
            path: (path.read_bytes(), path.stat()) for path in map(self.home.joinpath, bug.files) if path.exists()
        }
        try:
            apply(bug, self.home)
            yield
        finally:
            for path, (content, stat) in before.items():
                path.write_bytes(content)
                # Compiled files go by this time: what was compiled of the bug is not taken for the program.
                os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def apply(bug: Bug, folder: Path, *options: str) -> None:
    """Hand the patch to git, with further options such as `--check`. Raises `DoesNotApply`."""
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    said = ""
    # Where it stands does not matter. A line on each side of a change must still be there, or at least all it replaces.
    for around in ("-C1", "-C0") if bug.replaces else ("-C1",):
        command = ["git", "apply", "--recount", around, "--whitespace=nowarn", *options, str(bug.path)]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        if not done.returncode:
            return
        said = said or " ".join(done.stderr.split())
    raise DoesNotApply(f"{bug.name} no longer applies: {said}")


def _kept(source: Path) -> list[str]:
    """Every file of the tree that is under version control, or would be with the next commit."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=source, capture_output=True, text=True, check=True).stdout
    return sorted(set(filter(None, listed.split("\0"))))
