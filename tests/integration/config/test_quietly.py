"""`deploy/quietly`: silent where all is well; where not, the reason without the address of a package index."""

import subprocess
from pathlib import Path

QUIETLY = Path(__file__).resolve().parents[3] / "deploy" / "quietly"


def quietly(script: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script under it."""
    return subprocess.run([str(QUIETLY), "sh", "-c", script], capture_output=True, text=True, check=False, timeout=20)


class TestQuietly:
    def test_is_silent_about_warnings_of_what_went_well(self) -> None:
        ended = quietly("echo chatter; echo WARNING: Location is ignored >&2")

        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")

    def test_tells_why_it_failed_and_with_which_code(self) -> None:
        ended = quietly("echo no such version >&2; exit 3")

        assert (ended.returncode, ended.stderr) == (3, "no such version\n")

    def test_leaves_addresses_out(self) -> None:
        ended = quietly(
            "echo \"Cannot fetch https://me:pw@index.test/simple/uv/: pool(host='index.test', port=443)\"; exit 1"
        )

        assert "Cannot fetch (address)" in ended.stderr
        assert "index.test" not in ended.stderr
        assert "pw" not in ended.stderr
