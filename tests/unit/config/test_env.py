"""The environment as a whole: what is sound starts, what is not is told completely and without secrets."""

from collections.abc import Callable
from pathlib import Path

import pytest

from config import env
from config.env.variables import TABLE

KEY = "PKQ2W3E4R5T6Y7U8I9O0"
SECRET = "hT9sK2mQ7vX4bN8cZ1fJ6wL3pR5yD0gA"
SOUND = {
    "ALPACA_API_KEY": KEY,
    "ALPACA_SECRET_KEY": SECRET,
    "DATABASE_URL": "postgresql://gatehouse:Zq8mVt2Lw5@db:5432/gatehouse",
    "REDIS_URL": "redis://:Pk3nWs9Xd7@queue:6379/0",
    "DJANGO_SECRET_KEY": "Jx4-Lq8_Vn2-Rt6_Mb0-Hd5_Ws9-Kc3_Py7-Gf1_Zu4-Ea8_Ti2-Bo6",
}
LIVE = SOUND | {
    "TRADING_MODE": "live",
    "LIVE_TRADING_ENABLED": "true",
    "ALPACA_API_KEY": "AKQ2W3E4R5T6Y7U8I9O0",
    "ALPACA_ACCOUNT_NUMBER": "812345678",
    "ALPACA_BASE_URL": "https://api.alpaca.markets",
}


def refusals(source: dict[str, str]) -> dict[str, str]:
    """Return reason and remedy of every problem of `source`, by the name of its variable."""
    with pytest.raises(env.UnableToStart) as refusal:
        env.load(source)
    return {problem.name: f"{problem.reason} {problem.remedy}" for problem in refusal.value.problems}


class TestLoad:
    def test_starts_with_the_names_of_the_seed_alone(self) -> None:
        environment = env.load(SOUND)

        assert environment.text("TRADING_MODE") == "paper"
        assert environment.flag("LIVE_TRADING_ENABLED") is False
        assert environment.number("HSTS_SECONDS") == 31_536_000
        account = environment.accounts["default"]
        assert (account.kind, account.base_url) == ("paper", "https://paper-api.alpaca.markets")
        assert account.stream_url == "wss://paper-api.alpaca.markets/stream"
        assert account.data_stream_url == "wss://stream.data.alpaca.markets"

    def test_reads_rules_of_ones_own(self) -> None:
        assert env.load(SOUND).items("STRATEGY_RULES") == ()
        assert env.load(SOUND | {"STRATEGY_RULES": "a.b.C, d.E"}).items("STRATEGY_RULES") == ("a.b.C", "d.E")

    def test_starts_live_when_everything_belongs_together(self) -> None:
        environment = env.load(LIVE)

        assert environment.accounts["812345678"].kind == "live"

    def test_refuses_to_start_where_a_crash_is_asked_for(self) -> None:
        assert "Remove it" in refusals(SOUND | {"CRASH_AT": "order.saved_before_wire"})["CRASH_AT"]

    def test_tells_all_problems_at_once(self) -> None:
        found = refusals({"TRADING_MODE": "reel", "HSTS_SECONDS": "1", "LOG_FORMAT": "xml"})

        assert {"TRADING_MODE", "HSTS_SECONDS", "LOG_FORMAT"} < found.keys()
        assert {"ALPACA_API_KEY", "ALPACA_SECRET_KEY", "DATABASE_URL", "REDIS_URL", "DJANGO_SECRET_KEY"} < found.keys()
        assert "Choose one of: paper, live." in found["TRADING_MODE"]

    def test_shows_no_secret_in_the_refusal(self) -> None:
        source = SOUND | {"TRADING_MODE": "reel", "DATABASE_URL": "mysql://u:hunter2hunter2@h/d", "REDIS_URL": SECRET}

        with pytest.raises(env.UnableToStart) as refusal:
            env.load(source)

        assert KEY not in str(refusal.value)
        assert SECRET not in str(refusal.value)
        assert "hunter2" not in str(refusal.value)

    def test_shows_no_secret_in_its_own_repr(self) -> None:
        environment = env.load(SOUND)

        assert KEY not in repr(environment)
        assert SECRET not in repr(environment)


@pytest.mark.parametrize(
    ("changes", "name", "words"),
    [
        ({"LIVE_TRADING_ENABLED": "tru"}, "LIVE_TRADING_ENABLED", "neither true nor false"),
        ({"HSTS_SECONDS": "a year"}, "HSTS_SECONDS", "not a whole number"),
        ({"HSTS_SECONDS": "3599"}, "HSTS_SECONDS", "from 3600 to 63072000"),
        ({"SITE_URL": "localhost:8000"}, "SITE_URL", "not a complete URL"),
        ({"SITE_URL": "http://desk.example.com"}, "SITE_URL", "plain http on a network"),
        ({"SITE_URL": "https://me:pw@desk.example.com"}, "SITE_URL", "user or password"),
        ({"ALPACA_API_KEY": "your-api-key-goes-here"}, "ALPACA_API_KEY", "placeholder"),
        ({"ALPACA_SECRET_KEY": "<secret>"}, "ALPACA_SECRET_KEY", "placeholder"),
        ({"ALPACA_SECRET_KEY": "short"}, "ALPACA_SECRET_KEY", "shorter than 32"),
        ({"DJANGO_SECRET_KEY": "ab" * 30}, "DJANGO_SECRET_KEY", "can be guessed"),
        ({"DATABASE_URL": "postgresql://gatehouse:postgres@db/x"}, "DATABASE_URL", "everybody knows"),
        ({"REDIS_URL": "redis://:changeme@queue"}, "REDIS_URL", "placeholder"),
        ({"DATABASE_URL": "mysql://a:Zq8mVt2Lw5@db/x"}, "DATABASE_URL", "postgresql://"),
        ({"DATABASE_OWNER_URL": SOUND["DATABASE_URL"]}, "DATABASE_URL", "owner's role"),
        ({"ALPACA_APIKEY": KEY}, "ALPACA_APIKEY", "Did you mean ALPACA_API_KEY?"),
        ({"TRADING_MOOD": "paper"}, "TRADING_MOOD", "Did you mean TRADING_MODE?"),
        ({"TRADING_MODE_FILE": "/x"}, "TRADING_MODE_FILE", "not a variable"),
        ({"ALPACA_BASE_URL": "https://api.alpaca.markets"}, "ALPACA_BASE_URL", "live endpoint in paper mode"),
        ({"ALPACA_BASE_URL": "https://api.alpaca.market"}, "ALPACA_BASE_URL", "not a host of Alpaca"),
        ({"ALPACA_BASE_URL": "http://paper-api.alpaca.markets"}, "ALPACA_BASE_URL", "not encrypted"),
        ({"ALPACA_BASE_URL": "http://127.0.0.1:8899"}, "ALPACA_BASE_URL", "no venue is declared"),
        ({"ALPACA_DATA_URL": "https://paper-api.alpaca.markets"}, "ALPACA_DATA_URL", "not a host of Alpaca"),
        ({"ALPACA_STREAM_URL": "wss://stream.data.alpaca.markets"}, "ALPACA_STREAM_URL", "not a host of Alpaca"),
        ({"ALPACA_API_KEY": "AKQ2W3E4R5T6Y7U8I9O0"}, "ALPACA_API_KEY", "live key on the paper endpoint"),
        ({"STRATEGY_RULES": "mine.Rule, Other"}, "STRATEGY_RULES", "has 'Other'"),
        ({"STRATEGY_RULES": "mine/rules.py"}, "STRATEGY_RULES", "no dotted path"),
        ({"ALERT_ESCALATE_MINUTES": "0"}, "ALERT_ESCALATE_MINUTES", "from 1 to 1440"),
        (
            {"DJANGO_SECRET_KEY_FALLBACKS": f"{SOUND['DJANGO_SECRET_KEY']}, short-one"},
            "DJANGO_SECRET_KEY_FALLBACKS",
            "shorter than 50",
        ),
        ({"VENUE_CONTROL_URL": "http://venue:8899"}, "VENUE_CONTROL_URL", "not on this machine"),
        ({"VENUE_CONTROL_URL": "http://127.0.0.1:8899"}, "VENUE_CONTROL_TOKEN", "not set"),
    ],
)
def test_refuses(changes: dict[str, str], name: str, words: str) -> None:
    assert words in refusals(SOUND | changes)[name]


@pytest.mark.parametrize(
    ("changes", "name", "words"),
    [
        ({"LIVE_TRADING_ENABLED": "false"}, "TRADING_MODE", "without LIVE_TRADING_ENABLED"),
        ({"LIVE_TRADING_ENABLED": ""}, "TRADING_MODE", "without LIVE_TRADING_ENABLED"),
        ({"ALPACA_ACCOUNT_NUMBER": ""}, "ALPACA_ACCOUNT_NUMBER", "not set"),
        ({"ALPACA_ACCOUNT_NUMBER": "PA3ABCDEFGHI"}, "ALPACA_ACCOUNT_NUMBER", "number of a paper account"),
        ({"ALPACA_API_KEY": KEY}, "ALPACA_API_KEY", "paper key on the live endpoint"),
        ({"ALPACA_BASE_URL": "https://paper-api.alpaca.markets"}, "ALPACA_BASE_URL", "paper endpoint in live mode"),
    ],
)
def test_refuses_live(changes: dict[str, str], name: str, words: str) -> None:
    assert words in refusals(LIVE | changes)[name]


class TestSecretsFromFiles:
    def test_are_read(self, tmp_path: Path) -> None:
        path = tmp_path / "secret"
        path.write_text(f"{SECRET}\n")
        source = {name: value for name, value in SOUND.items() if name != "ALPACA_SECRET_KEY"}

        environment = env.load(source | {"ALPACA_SECRET_KEY_FILE": str(path)})

        assert environment.secret("ALPACA_SECRET_KEY").reveal() == SECRET

    def test_are_refused_once_when_the_file_is_missing(self, tmp_path: Path) -> None:
        source = {name: value for name, value in SOUND.items() if name != "ALPACA_SECRET_KEY"}

        found = refusals(source | {"ALPACA_SECRET_KEY_FILE": str(tmp_path / "absent")})

        assert list(found) == ["ALPACA_SECRET_KEY_FILE"]
        assert "No such file" in found["ALPACA_SECRET_KEY_FILE"]

    def test_are_refused_beside_the_variable_itself(self, tmp_path: Path) -> None:
        found = refusals(SOUND | {"ALPACA_SECRET_KEY_FILE": str(tmp_path / "secret")})

        assert "given twice" in found["ALPACA_SECRET_KEY"]


class TestProcessVariables:
    def test_prefer_the_process_to_the_file(self, env_file: Callable[[str], None]) -> None:
        env_file("LOG_LEVEL=DEBUG\nLOG_FORMAT='console'\n# remark\n\nexport BUILD_ID=7")

        variables = env.process_variables()

        assert variables["LOG_LEVEL"] == "ERROR"
        assert (variables["LOG_FORMAT"], variables["BUILD_ID"]) == ("console", "7")

    def test_refuse_a_line_that_would_be_skipped_without_showing_it(self, env_file: Callable[[str], None]) -> None:
        env_file(f"LOG_LEVEL=DEBUG\nALPACA_SECRET_KEY = {SECRET}")

        with pytest.raises(env.UnableToStart, match=r"line 2: is not NAME=value") as refusal:
            env.process_variables()

        assert SECRET not in str(refusal.value)

    @pytest.mark.usefixtures("env_file")
    def test_refuse_a_file_that_is_not_there(self) -> None:
        with pytest.raises(env.UnableToStart, match=r"ENV_FILE: names .*desk\.env, and there is no such file"):
            env.process_variables()


@pytest.fixture
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Write the file that ENV_FILE names; the process itself says LOG_LEVEL=ERROR."""
    for name in TABLE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LOG_LEVEL", "ERROR")
    monkeypatch.setenv("ENV_FILE", str(tmp_path / "desk.env"))

    def write(text: str) -> None:
        (tmp_path / "desk.env").write_text(text)

    return write
