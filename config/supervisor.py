"""Keep programs running: start them, start them again when they crash, end them all together."""

import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config import processes

LONGEST_PAUSE = 30.0
SOUND_AFTER = 60.0
"""A program that ran for so many seconds is taken for sound; its next crash is its first one again."""

type Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Program:
    """One program: its name in logs, its command, and whether it ends last because others need it until then."""

    name: str
    command: tuple[str, ...]
    ends_last: bool = False


@dataclass(slots=True)
class _Watched:
    program: Program
    process: subprocess.Popen[bytes]
    started: float
    crashes: int = 0
    again_at: float | None = None


@dataclass(slots=True)
class Supervisor:
    """Programs under one roof. Each logs to `logs/NAME.log`; call `tick` often, from the main thread."""

    root: Path
    logs: Path
    environment: Mapping[str, str]
    say: Say
    patience: float = 4
    """Seconds that programs have to end when they are told to; then they are killed."""
    _watched: dict[str, _Watched] = field(default_factory=dict)

    def start(self, program: Program) -> None:
        """Start a program and watch it."""
        self._watched[program.name] = _Watched(program, self._run(program), time.monotonic())

    def tick(self) -> None:
        """Start again what has crashed, after a pause that doubles with every crash in a row."""
        now = time.monotonic()
        for watched in self._watched.values():
            if watched.again_at is not None:
                if now >= watched.again_at:
                    watched.process, watched.started, watched.again_at = self._run(watched.program), now, None
            elif (code := watched.process.poll()) is not None:
                self._note_end(watched, code, now)

    def pids(self) -> dict[str, int]:
        """Return the process id of every program."""
        return {name: watched.process.pid for name, watched in self._watched.items()}

    def stop(self) -> None:
        """End all programs; none of them, and none of their children, is left."""
        watched = list(self._watched.values())
        processes.stop(*(each.process for each in watched if not each.program.ends_last), patience=self.patience)
        processes.stop(*(each.process for each in watched if each.program.ends_last), patience=1.5)
        self._watched.clear()

    def _note_end(self, watched: _Watched, code: int, now: float) -> None:
        processes.stop(watched.process)  # its children, if it left any
        watched.crashes = 1 if now - watched.started > SOUND_AFTER else watched.crashes + 1
        pause = min(LONGEST_PAUSE, 0.5 * 2**watched.crashes)
        watched.again_at = now + pause
        name = watched.program.name
        said = last_line(self.logs / f"{name}.log")
        self.say(f"{name} ended ({_how(code)}) and starts again in {pause:.0f} s. It said last: {said}")

    def _run(self, program: Program) -> subprocess.Popen[bytes]:
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{program.name}.log").open("ab") as log:
            return processes.start(program.command, cwd=self.root, env=self.environment, log=log)


def last_line(log: Path) -> str:
    """Return the last line of a log, shortened; "nothing" when it is empty or absent."""
    try:
        lines = log.read_text(errors="replace").strip().splitlines()
    except FileNotFoundError:
        lines = []
    return lines[-1][:300] if lines else "nothing"


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
