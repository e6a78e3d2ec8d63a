"""Start programs that die with the one that started them, and find those that were left behind."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import psutil

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def start(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    log: IO[bytes] | int,
    user: str | None = None,
    last_signal: int = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start `command` in a process group of its own; it gets `last_signal` when this thread ends, by whatever death.

    `user` is the account it runs as (only root may choose). The caller's main thread must live as long as the program.
    """
    as_other: dict[str, Any] = {} if user is None else {"user": user, "group": _group_of(user), "extra_groups": []}
    return subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        process_group=0,
        preexec_fn=_die_with(os.getpid(), last_signal),
        **as_other,
    )


def die_with_parent() -> None:
    """End this process by SIGTERM when the one that started it ends."""
    if bind := _die_with(os.getppid(), signal.SIGTERM):
        bind()


def _die_with(parent: int, last_signal: int) -> Callable[[], None] | None:
    if _LIBC is None:
        return None
    prctl = _LIBC.prctl

    def bind() -> None:
        prctl(_PR_SET_PDEATHSIG, last_signal)
        if os.getppid() != parent:  # it died before we asked to be told
            os.kill(os.getpid(), last_signal)

    return bind


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def stop(*running: subprocess.Popen[bytes], by: int = signal.SIGTERM, patience: float = 5) -> None:
    """End programs with signal `by`; after `patience` seconds kill whatever is left of their groups."""
    deadline = time.monotonic() + patience
    for process in running:
        if process.poll() is None:
            process.send_signal(by)
    for process in running:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0, deadline - time.monotonic()))
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def end_leftover(pid: int, mark: str, *, by: int = signal.SIGTERM, patience: float = 5) -> None:
    """End process `pid` of an earlier run if it is still ours, which is told by `mark` in its command line."""
    try:
        process = psutil.Process(pid)
        if not any(mark in part for part in process.cmdline()):
            return
        children = process.children(recursive=True)
        process.send_signal(by)
        _, left = psutil.wait_procs([process, *children], timeout=patience)
        for straggler in left:
            straggler.kill()
        psutil.wait_procs(left, timeout=patience)
    except psutil.NoSuchProcess:
        return
