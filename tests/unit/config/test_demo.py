"""What the demo hands to commands that a person runs beside it."""

import stat
from pathlib import Path

import pytest

from config import demo, env

GIVEN = {"DATABASE_URL": "postgresql://gatehouse:p%40ss@127.0.0.1:5432/gatehouse", "SITE_URL": "http://localhost:8000"}


class TestHandOut:
    @pytest.fixture(autouse=True)
    def variables(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        path = tmp_path / "environment"
        monkeypatch.setattr(demo, "VARIABLES", path)
        monkeypatch.setenv("ENV_FILE", str(path))
        for name in GIVEN:
            monkeypatch.delenv(name, raising=False)
        return path

    def test_is_read_back_as_it_was_given(self) -> None:
        demo.hand_out(GIVEN | {"HOME": "somewhere"})

        read = env.process_variables()
        assert {name: read[name] for name in GIVEN} == GIVEN
        assert read.get("HOME") != "somewhere"

    def test_is_for_its_owner_alone(self, variables: Path) -> None:
        demo.hand_out(GIVEN)

        assert stat.S_IMODE(variables.stat().st_mode) == 0o600
