"""Every page opens for who may see it, and asks the database as often for much as for little."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests import desk
from tests.desk import house, trades
from tests.desk.scene import OPEN
from trading.choices import OrderStatus

PAGES = (
    "desk",
    "blotter",
    "positions",
    "risk",
    "breaches",
    "requests",
    "reconciliation",
    "preflight",
    "reports",
    "audit",
)
MOST_QUERIES = {
    "desk": 45, "blotter": 24, "positions": 23, "risk": 25, "requests": 19, "reconciliation": 21, "preflight": 18,
    "reports": 19, "audit": 17, "breaches": 18,
}  # fmt: skip
"""Sign-in, second factor, permissions and the frame included; the rest is the page's own."""


@pytest.fixture
def queries(operator: Client) -> Callable[[str], int]:
    """How many queries a page takes."""

    def count(name: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            answer = operator.get(reverse(name))
        assert answer.status_code == 200
        return len(captured)

    return count


def more(scene: desk.Scene) -> None:
    """Three times as much of everything."""
    now = timezone.now()
    for index in range(12):
        symbol = list(scene.instruments)[index % 5]
        wanted = trades.Wanted(
            scene.account, scene.strategy, scene.instruments[symbol], 5 + index, "30.00",
            OPEN.replace(minute=40 + index), now,
        )  # fmt: skip
        trades.order(wanted, OrderStatus.UNKNOWN if index % 2 else OrderStatus.ACCEPTED)
    house.events(scene.account, now, [(1, "order.filled", "more", "") for _ in range(20)])
    house.processes(now, first=5000)


class TestPages:
    @pytest.mark.parametrize("name", PAGES)
    def test_open_for_an_operator(self, operator: Client, name: str) -> None:
        page = operator.get(reverse(name)).content.decode()

        assert "PAPER" in page
        assert "PA3X0DEMO" in page
        assert "Halt…" in page

    @pytest.mark.parametrize("name", PAGES)
    def test_ask_as_often_for_much_as_for_little(
        self, scene: desk.Scene, queries: Callable[[str], int], name: str
    ) -> None:
        little = queries(name)
        more(scene)

        assert queries(name) == little <= MOST_QUERIES[name]

    @pytest.mark.parametrize("name", PAGES)
    def test_say_what_to_do_next_on_an_empty_desk(self, scene: desk.Scene, operator: Client, name: str) -> None:
        empty = type(scene.account).objects.create(
            number="PA0EMPTY", name="empty", mode="paper", created_at=timezone.now()
        )
        operator.post(reverse("choose-account"), {"account": empty.pk, "next": "/"})

        answer = operator.get(reverse(name))

        assert answer.status_code == 200
        assert "PA0EMPTY" in answer.content.decode()


class TestDesk:
    def test_shows_equity_with_its_sign(self, operator: Client) -> None:
        page = operator.get(reverse("desk")).content.decode()

        assert "100,182" in page
        assert "+182.37 today (+0.18\u202f%)" in page

    def test_says_what_needs_a_person(self, operator: Client) -> None:
        page = operator.get(reverse("desk")).content.decode()

        assert "our books 14, broker 12" in page
        assert "FB order unknown" in page
        assert "part filled 61 of 90" in page

    def test_says_why_the_person_who_asked_can_not_decide(self, operator: Client) -> None:
        assert "You asked for this, so another person must decide." in operator.get(reverse("desk")).content.decode()

    def test_offers_the_decision_to_an_approver(self, approver: Client) -> None:
        assert "Read and decide" in approver.get(reverse("desk")).content.decode()

    def test_marks_a_protected_and_an_unprotected_position_differently(self, operator: Client) -> None:
        rows = operator.get(reverse("desk")).context["positions"]

        tones = {row["symbol"]: row["protection_tone"] for row in rows}
        assert tones == {"AAPL": "", "GOOG": "", "IBM": "", "MSFT": "warn"}

    def test_is_live_by_a_script_of_its_own_alone(self, operator: Client) -> None:
        answer = operator.get(reverse("desk"))

        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "<style" not in answer.content.decode()
        assert 'style="' not in answer.content.decode()


class TestPictures:
    def test_give_the_day_with_fills_and_levels(self, operator: Client) -> None:
        data = operator.get(reverse("candle-points"), {"symbol": "AAPL"}).json()

        assert len(data["bars"]) == 71
        assert [fill["words"] for fill in data["fills"]] == ["bought 8 @ 585.91"]
        assert {level["kind"] for level in data["levels"]} == {"entry", "stop", "target"}

    def test_give_only_what_is_new_since(self, operator: Client) -> None:
        bars = operator.get(reverse("candle-points"), {"symbol": "AAPL"}).json()["bars"]

        again = operator.get(reverse("candle-points"), {"symbol": "AAPL", "since": bars[-2][0]}).json()["bars"]

        assert again == bars[-2:]

    @pytest.mark.parametrize("since", ["", "x", "-1", "99999999999999", "²"])
    def test_give_everything_where_since_can_not_be_read(self, operator: Client, since: str) -> None:
        assert len(operator.get(reverse("equity-points"), {"since": since}).json()["points"]) == 72

    def test_are_empty_for_a_symbol_nobody_knows(self, operator: Client) -> None:
        assert operator.get(reverse("candle-points"), {"symbol": "NOPE"}).json()["bars"] == []


class TestIntent:
    def test_tells_why_it_was_denied(self, scene: desk.Scene, operator: Client) -> None:
        page = operator.get(reverse("intent", args=[scene.denied.pk])).content.decode()

        assert "the same order was sent 38 s ago" in page
        assert "duplicate window v1" in page
        assert "rose above its 20-minute high" in page

    def test_tells_what_became_of_it(self, scene: desk.Scene, operator: Client) -> None:
        page = operator.get(reverse("intent", args=[scene.filled.pk])).content.decode()

        assert "8 @ 585.91" in page
        assert "AAPL 8 @ 585.91, slippage" in page


class TestBlotter:
    def test_filters_by_what_became_of_it(self, operator: Client) -> None:
        rows = operator.get(reverse("blotter"), {"show": "denied"}).context["rows"]

        assert [(row["symbol"], row["tone"]) for row in rows] == [("FB", "deny")]

    def test_names_a_date_it_can_not_read_and_filters_nothing(self, operator: Client) -> None:
        answer = operator.get(reverse("blotter"), {"first": "soon"})

        assert len(answer.context["rows"]) == 8
        assert "It filters nothing." in answer.content.decode()

    @pytest.mark.parametrize("page", ["0", "-1", "x", "9999999", "²"])
    def test_takes_a_page_that_is_not_there_for_one_that_is(self, operator: Client, page: str) -> None:
        assert operator.get(reverse("blotter"), {"page": page}).status_code == 200


class TestAudit:
    def test_finds_words_in_the_sentence(self, operator: Client) -> None:
        rows = operator.get(reverse("audit"), {"q": "slippage −0.02"}).context["rows"]

        assert [row["sentence"] for row in rows] == ["IBM 14 @ 205.36, slippage −0.02 %"]

    def test_goes_on_where_a_page_ended(self, operator: Client) -> None:
        first = operator.get(reverse("audit")).context

        assert first["older"] == "" or operator.get(reverse("audit") + first["older"]).status_code == 200
