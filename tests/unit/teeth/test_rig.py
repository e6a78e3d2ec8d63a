"""The rig of planted bugs itself: what it reads, what it refuses, and what it takes for a kill."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.teeth import __main__ as door
from tests.teeth import bugs, ground, trying
from tests.teeth.ground import Copy, DoesNotApply
from tests.teeth.trying import Verdict, Word

PATCH = """# What is asked for is what is done.
# try: tests/test_it.py
--- a/risk/it.py
+++ b/risk/it.py
@@ -2,3 +2,3 @@
 def it():
-    return 1
+    return 2
     # the end
"""
FAILED = {"test": "tests/test_it.py::test_it", "when": "call", "why": "AssertionError: assert 1 == 2"}


def written(folder: Path, text: str = PATCH, name: str = "01-it.patch") -> Path:
    path = folder / name
    path.write_text(text)
    return path


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A copy of a small tree under version control."""
    source = tmp_path / "source"
    (source / "risk").mkdir(parents=True)
    (source / "risk" / "it.py").write_text("# lines above\n# have moved it\ndef it():\n    return 1\n    # the end\n")
    (source / ".gitignore").write_text("kept_out\n")
    (source / "kept_out").write_text("secret")
    subprocess.run(["git", "init", "-q", str(source)], check=True)
    return Copy(source, tmp_path / "copies" / "copy0")


class TestRead:
    def test_tells_promise_files_and_what_is_tried(self, tmp_path: Path) -> None:
        bug = bugs.read(written(tmp_path, PATCH.replace("test_it.py\n", "test_it.py\n# seeds: 3 7\n")))

        assert (bug.name, bug.promise) == ("01-it", "What is asked for is what is done.")
        assert (bug.files, bug.tests, bug.seeds) == (("risk/it.py",), ("tests/test_it.py",), (3, 7))
        assert (bug.room, bug.migrates) == ("risk", False)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", "its first line"),
            (PATCH.partition("\n")[2], "its first line"),
            (PATCH.replace("# try: tests/test_it.py\n", ""), "must name what is tried"),
            (PATCH.replace("+++ b/", "+++ "), "changes no file"),
            (PATCH.replace("# try:", "# seeds: seven\n# try:"), "whole number"),
        ],
    )
    def test_refuses_what_says_too_little(self, tmp_path: Path, text: str, said: str) -> None:
        with pytest.raises(bugs.Unreadable, match=f"01-it.patch: .*{said}"):
            bugs.read(written(tmp_path, text))


class TestPlanted:
    def test_are_enough_in_every_room_and_name_tests_that_exist(self) -> None:
        every = bugs.every()
        missing = [
            f"{bug.name}: {test}"
            for bug in every
            for test in bug.tests
            if not (door.ROOT / test.split("::")[0]).exists()
        ]

        assert len(every) >= 40
        assert {"trading", "risk", "audit"} == {bug.room for bug in every}
        assert len({bug.name.partition("-")[2] for bug in every}) == len(every)
        assert missing == []

    @pytest.mark.parametrize("bug", bugs.every(), ids=lambda bug: bug.name)
    def test_apply_to_the_program_as_it_is(self, bug: bugs.Bug) -> None:
        """Whoever changes the lines a bug sits in moves the bug along: in `git apply`'s own form, by hand."""
        ground.apply(bug, door.ROOT, "--check")


class TestNamed:
    @pytest.mark.parametrize("name", ["03-first-404-is-proof", "first-404-is-proof"])
    def test_finds_a_bug_with_or_without_its_number(self, tmp_path: Path, name: str) -> None:
        every = [bugs.read(written(tmp_path, name="03-first-404-is-proof.patch")), bugs.read(written(tmp_path))]

        assert bugs.named(every, name) is every[0]

    def test_that_is_unknown_gets_one_line_and_exit_2(self, capsys: pytest.CaptureFixture[str]) -> None:
        code = door.main(["--bug", "first-404-is-prof"])

        said = capsys.readouterr().err
        assert (code, said.count("\n")) == (2, 1)
        assert "BUG=first-404-is-prof is no planted bug; near to it: first-404-is-proof" in said

    @pytest.mark.parametrize("count", ["0", "eight", "-1"])
    def test_count_that_is_no_number_gets_one_line_and_exit_2(
        self, count: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code = door.main(["--count", count])

        said = capsys.readouterr().err
        assert (code, said.count("\n")) == (2, 1)
        assert f"COUNT={count}" in said


class TestSpread:
    def test_takes_the_same_ones_from_every_room(self) -> None:
        every = bugs.every()
        chosen = bugs.spread(every, 8)

        assert len(chosen) == len({bug.name for bug in chosen}) == 8
        assert {bug.room for bug in chosen} == {"trading", "risk", "audit"}
        assert bugs.spread(every, 8) == chosen
        assert bugs.spread(every, 10_000) == sorted(every, key=lambda bug: (bug.room, bug.name))


class TestCopy:
    def test_holds_the_bug_for_a_while_and_then_what_it_held_before(self, copy: Copy, tmp_path: Path) -> None:
        file = copy.home / "risk" / "it.py"
        before, compiled_by = file.read_text(), file.stat().st_mtime_ns

        with copy.planted(bugs.read(written(tmp_path))):
            planted = file.read_text()

        assert planted == before.replace("return 1", "return 2")
        assert (file.read_text(), file.stat().st_mtime_ns) == (before, compiled_by)
        assert not (copy.home / "kept_out").exists()

    @pytest.mark.parametrize(("added_alone", "applies"), [(False, True), (True, False)])
    def test_finds_a_change_by_the_line_it_replaces_alone(
        self, copy: Copy, tmp_path: Path, added_alone: bool, applies: bool
    ) -> None:
        file = copy.home / "risk" / "it.py"
        file.write_text("# other\n# lines\ndef other():\n    return 1\n    # another end\n# more\n")
        bug = bugs.read(written(tmp_path, PATCH.replace("-    return 1\n", "") if added_alone else PATCH))

        if applies:
            with copy.planted(bug):
                assert "return 2" in file.read_text()
        else:
            with pytest.raises(DoesNotApply), copy.planted(bug):
                pass

    def test_names_a_patch_that_no_longer_applies_and_is_left_as_it_was(self, copy: Copy, tmp_path: Path) -> None:
        file = copy.home / "risk" / "it.py"
        file.write_text("def it():\n    return 3\n    # the end\n")

        with (
            pytest.raises(DoesNotApply, match="01-it no longer applies"),
            copy.planted(bugs.read(written(tmp_path))),
        ):
            pass

        assert "return 3" in file.read_text()


class TestJudge:
    @pytest.mark.parametrize(
        ("code", "failures", "word"),
        [
            (1, [FAILED], Word.KILLED),
            (0, [], Word.SURVIVED),
            (1, [{**FAILED, "why": "NameError: name 'x' is not defined"}], Word.BROKEN),
            (1, [{**FAILED, "when": "setup"}], Word.BROKEN),
            (2, [], Word.BROKEN),
            (4, [], Word.BROKEN),
            (5, [], Word.BROKEN),
            (None, [], Word.BROKEN),
        ],
    )
    def test_takes_a_failed_test_alone_for_a_kill(
        self, code: int | None, failures: list[dict[str, str]], word: Word
    ) -> None:
        assert trying.judge(code, failures)[0] is word


class TestTell:
    def told(self, capsys: pytest.CaptureFixture[str], words: list[Word], doubtful: set[str], folder: Path) -> object:
        bug = bugs.read(written(folder))
        verdicts = [Verdict(bug, word, f"test {place}", 1.0) for place, word in enumerate(words)]
        code = door._tell(verdicts, doubtful, 1.0)
        said = capsys.readouterr().out
        return code, json.loads(said.splitlines()[-1]), "survivor: 01-it: What is asked for" in said

    def test_ends_with_json_and_lists_survivors(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        words = [Word.KILLED] * 18 + [Word.SURVIVED] * 2

        assert self.told(capsys, words, set(), tmp_path) == (1, {"planted": 20, "killed": 18}, True)
        assert self.told(capsys, words[:-1], set(), tmp_path) == (1, {"planted": 19, "killed": 18}, True)
        assert self.told(capsys, [Word.KILLED, *words[:-1]], set(), tmp_path) == (
            0,
            {"planted": 20, "killed": 19},
            True,
        )

    def test_counts_no_test_that_fails_without_the_bug(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        assert self.told(capsys, [Word.KILLED], {"test 0"}, tmp_path) == (1, {"planted": 1, "killed": 0}, False)

    def test_ends_with_2_for_a_broken_patch(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        assert self.told(capsys, [Word.KILLED, Word.BROKEN], set(), tmp_path) == (2, {"planted": 2, "killed": 1}, False)
