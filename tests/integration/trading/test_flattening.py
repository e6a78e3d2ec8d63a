"""H3: every order canceled, then every position closed, and what could not be closed is said."""

import pytest

from audit.models import AuditEvent
from risk.models import Breach
from tests.integration.trading.busy_desk import busy_desk, gateway, market_going_on, pull, working
from trading import leases
from trading.halting import flattening
from trading.models import AccountState, OrderIntent, Position

pytestmark = pytest.mark.django_db


class TestH3:
    def test_frees_the_shares_and_closes_every_position(self) -> None:
        with busy_desk() as desk, market_going_on(desk):
            receipt = pull(desk, "H3")

            assert receipt.complete, receipt.lines
            actions = [line.action for line in receipt.lines]
            assert actions == sorted(actions)
            assert actions.count("close") == 2
            assert not working()
            assert not Position.objects.exclude(quantity=0).exists()
            assert desk.gateway.positions() == ()
            assert all(OrderIntent.objects.filter(purpose="flatten").values_list("approved", flat=True))

    def test_closes_the_rest_when_one_has_no_quote(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with busy_desk() as desk:
            desk.minutes(2)
            quotes = desk.gateway.quotes
            only_msft = {"quotes": lambda symbols: tuple(q for q in quotes(symbols) if q.symbol == "MSFT")}
            with market_going_on(desk), gateway(desk, **only_msft):
                receipt = pull(desk, "H3")

            closed = {line.subject: (line.confirmed, line.detail) for line in receipt.lines if line.action == "close"}
            assert closed["AAPL"] == (False, "no quote to close at; its protective orders stay")
            assert closed["MSFT"][0], closed
            assert not receipt.complete
            assert [held.symbol for held in desk.gateway.positions()] == ["AAPL"]
            assert working() == {("AAPL", "stop"), ("AAPL", "target")}

    def test_tells_at_once_of_what_it_left_naked(self) -> None:
        with busy_desk() as desk:
            # The keys open another account than the one that was pinned: the gate lets nothing pass.
            AccountState.objects.update(pinned_number="PA-OTHER")
            with market_going_on(desk):
                receipt = pull(desk, "H3")

            (line,) = [line for line in receipt.lines if line.subject == "AAPL" and line.action == "close"]
            assert not line.confirmed
            assert line.detail.endswith("Its protective orders are canceled: it is naked")
            breach = Breach.objects.get(code="POSITION_NAKED", symbol="AAPL")
            assert (breach.stage, breach.control, breach.closed_at) == (Breach.Stage.BROKEN, 29, None)
            told = AuditEvent.objects.get(event="breach.opened", subject="POSITION_NAKED", sentence=breach.sentence)
            assert told.severity == "critical"

    def test_waits_for_the_worker_that_still_acts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(flattening, "LEASE_PATIENCE", 0.3)
        with busy_desk() as desk:
            leases.acquire(desk.account.pk, holder="a worker", now=desk.now)

            receipt = pull(desk, "H3")

            closed = {line.subject: line for line in receipt.lines if line.action == "close"}
            assert closed.keys() == {"AAPL", "MSFT"}
            assert {(line.confirmed, line.detail) for line in closed.values()} == {
                (False, "another worker still acts for the account")
            }
