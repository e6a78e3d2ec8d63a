"""Programs under one roof: started again when they crash, and all gone at the end."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from config import processes
from config.supervisor import Program, Supervisor, last_line

PATIENCE = 10


def until(happened: Callable[[], object], meanwhile: Callable[[], None] = lambda: None) -> None:
    """Wait for something that happens soon."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        meanwhile()
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def shell(name: str, script: str) -> Program:
    """A program written in shell."""
    return Program(name, ("/bin/sh", "-c", script))


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, told: list[str]) -> Iterator[Supervisor]:
    supervisor = Supervisor(tmp_path, tmp_path / "log", dict(os.environ), told.append, patience=0.3)
    yield supervisor
    supervisor.stop()


class TestSupervisor:
    def test_starts_a_crashed_program_again_and_says_what_it_said_last(
        self, supervisor: Supervisor, told: list[str], tmp_path: Path
    ) -> None:
        supervisor.start(shell("robot", "echo run >> runs; echo out of paper; exit 3"))

        runs = tmp_path / "runs"
        until(lambda: runs.exists() and runs.read_text() == "run\nrun\n", supervisor.tick)

        assert "robot ended (exit code 3)" in told[0]
        assert "out of paper" in told[0]

    def test_waits_longer_after_every_crash(self, supervisor: Supervisor, told: list[str]) -> None:
        supervisor.start(shell("robot", "exit 3"))

        until(lambda: len(told) == 2, supervisor.tick)

        assert [line.partition("again in ")[2][0] for line in told] == ["1", "2"]

    def test_lets_a_sound_program_be(self, supervisor: Supervisor, told: list[str]) -> None:
        supervisor.start(shell("robot", "sleep 60"))
        before = supervisor.pids()

        for _ in range(20):
            supervisor.tick()

        assert supervisor.pids() == before
        assert told == []

    def test_leaves_no_program_and_none_of_its_children(self, supervisor: Supervisor, tmp_path: Path) -> None:
        supervisor.start(shell("parent", "sleep 60 & echo $! > child; wait"))
        until(lambda: (tmp_path / "child").exists() and (tmp_path / "child").read_text().strip())
        child, parent = int((tmp_path / "child").read_text()), supervisor.pids()["parent"]

        supervisor.stop()

        until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)
        assert not psutil.pid_exists(parent)

    def test_kills_what_does_not_listen(self, supervisor: Supervisor, tmp_path: Path) -> None:
        supervisor.start(shell("deaf", "trap '' TERM; touch ready; while :; do sleep 0.1; done"))
        until((tmp_path / "ready").exists)
        pid = supervisor.pids()["deaf"]

        supervisor.stop()

        assert not psutil.pid_exists(pid)

    def test_ends_programs_that_others_need_after_the_others(self, supervisor: Supervisor, tmp_path: Path) -> None:
        note = "trap 'echo {0} >> ends; exit' TERM; touch {0}; while :; do sleep 0.01; done"
        supervisor.start(Program("venue", ("/bin/sh", "-c", note.format("venue")), ends_last=True))
        supervisor.start(shell("worker", note.format("worker")))
        until(lambda: (tmp_path / "venue").exists() and (tmp_path / "worker").exists())

        supervisor.stop()

        assert (tmp_path / "ends").read_text().split() == ["worker", "venue"]

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
    def test_takes_its_programs_along_when_it_is_killed(self, tmp_path: Path) -> None:
        script = (
            "import os, pathlib, time\n"
            "from config.supervisor import Program, Supervisor\n"
            "here = pathlib.Path.cwd()\n"
            "one = Supervisor(here, here / 'log', dict(os.environ), print)\n"
            "one.start(Program('robot', ('/bin/sh', '-c', 'echo $$ > pid; sleep 60')))\n"
            "time.sleep(60)\n"
        )
        root = str(Path(__file__).resolve().parents[3])
        outer = psutil.Popen([sys.executable, "-c", script], cwd=tmp_path, env={**os.environ, "PYTHONPATH": root})
        until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip())
        pid = int((tmp_path / "pid").read_text())

        outer.kill()
        outer.wait()

        until(lambda: not psutil.pid_exists(pid))


class TestEndLeftover:
    def test_ends_a_process_that_is_ours_with_its_children(self, tmp_path: Path) -> None:
        mark = str(tmp_path / "ours")
        left = psutil.Popen(["/bin/sh", "-c", "sleep 60 & sleep 60; :", mark])
        until(left.children)
        children = left.children()

        processes.end_leftover(left.pid, mark, patience=1)

        assert not left.is_running()
        until(lambda: not any(child.is_running() for child in children))

    def test_spares_a_stranger_that_got_the_same_number(self, tmp_path: Path) -> None:
        stranger = psutil.Popen(["sleep", "60"])

        processes.end_leftover(stranger.pid, str(tmp_path / "ours"), patience=1)

        assert stranger.poll() is None
        stranger.kill()
        stranger.wait()


class TestLastLine:
    def test_says_nothing_of_an_absent_log(self, tmp_path: Path) -> None:
        assert last_line(tmp_path / "absent.log") == "nothing"

    def test_shortens_a_long_line(self, tmp_path: Path) -> None:
        (tmp_path / "long.log").write_text("first\n" + "x" * 1000 + "\n")

        assert last_line(tmp_path / "long.log") == "x" * 300
