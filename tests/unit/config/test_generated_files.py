"""`.env.example` and `docs/configuration.md` say what the program reads."""

import re

import pytest

from config import env
from config.env.__main__ import FILES, main
from config.env.variables import TABLE


class TestGeneratedFiles:
    @pytest.mark.parametrize("name", FILES)
    def test_are_as_the_table_says(self, name: str) -> None:
        assert (env.ROOT / name).read_text(encoding="utf-8") == FILES[name]()

    @pytest.mark.parametrize("name", FILES)
    def test_name_every_variable(self, name: str) -> None:
        text = FILES[name]()

        assert [variable for variable in TABLE if variable not in text] == []


class TestExample:
    def test_holds_safe_values_only(self) -> None:
        given = dict(re.findall(r"^(\w+)=(.*)$", FILES[".env.example"](), re.MULTILINE))

        with pytest.raises(env.UnableToStart) as refusal:
            env.load(given)

        assert {problem.reason for problem in refusal.value.problems} == {"is not set."}
        assert given["TRADING_MODE"] == "paper"
        assert given["LIVE_TRADING_ENABLED"] == "false"


class TestMain:
    def test_says_how_it_is_used(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["nonsense"]) == 2
        assert "Usage" in capsys.readouterr().err
