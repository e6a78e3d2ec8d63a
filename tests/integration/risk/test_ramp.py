"""Stages as rows: up by one through two people and no other way, down at once, and the strictest always counts."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from audit.models import AuditEvent
from risk import in_force, limits, ramp, signoff
from risk.models import ChangeRequest, StageMove
from risk.models.scope import ScopeKind
from risk.stages import Stage
from tests import voting
from tests.integration.risk import desks, raw
from tests.integration.risk.desks import NOW, PLACE, Desk
from tests.unit.risk.cases import ENTRY

pytestmark = pytest.mark.django_db

LIVE = "LIVE1"
INSERT = """
    INSERT INTO risk_stagemove (account, number, from_stage, to_stage, reason, evidence, by, at, change_id)
    VALUES (%s, %s, %s, %s, 'because', '{}', 'mallory', now(), %s)
"""


def approved(desk: Desk, kind: str, target: str, new: str) -> ChangeRequest:
    asked = signoff.request(
        kind=kind, target=target, base_version="any", payload={"new": new, "old": "any", "evidence": {}},
        reason="it did well", by=desk.ann, now=NOW, place=PLACE,
    )  # fmt: skip
    return voting.cast(asked.pk, by=desk.ben, now=NOW)


def executed(desk: Desk, kind: str, target: str, new: str = "") -> ChangeRequest:
    asked = approved(desk, kind, target, new)
    return signoff.consume(
        asked.pk, kind=kind, current_base_version=lambda _: "any", by="ann", now=NOW, place=PLACE
    )  # fmt: skip


@pytest.fixture
def first(desk: Desk) -> Desk:
    """LIVE1 went live and stands at S1."""
    ramp.enter(executed(desk, "golive", f"account:{LIVE}"), account=LIVE, evidence={}, by="ann", now=NOW)
    return desk


def asked_to_rise(desk: Desk, why_not: str = "") -> ChangeRequest:
    return ramp.request_rise(
        LIVE, why_not=why_not, evidence={"sessions": 10}, reason="ten good days", by=desk.ann, now=NOW, place=PLACE
    )


def rise(asked: ChangeRequest, why_not: str = "") -> StageMove:
    return ramp.rise(asked, account=LIVE, still_earned=lambda: why_not, by="ann", now=NOW, place=PLACE)


class TestRise:
    def test_takes_two_people_and_is_done_once(self, first: Desk) -> None:
        asked = asked_to_rise(first)
        with pytest.raises(signoff.NotAllowed, match="not approved"):
            rise(asked)
        voting.cast(asked.pk, by=first.ben, now=NOW)

        moved = rise(asked)

        assert (moved.from_stage, moved.to_stage, moved.change, ramp.held(LIVE).version) == ("S1", "S2", asked, 2)
        assert AuditEvent.objects.filter(event="stage.raised", account=LIVE, mode="live").count() == 2
        with pytest.raises(signoff.NotAllowed):
            rise(asked)

    def test_is_refused_while_something_is_not_earned(self, first: Desk) -> None:
        with pytest.raises(ramp.StageRefused, match="9 of 10"):
            asked_to_rise(first, why_not="9 of 10 so far")

    def test_is_refused_where_it_was_lost_since_the_request(self, first: Desk) -> None:
        asked = asked_to_rise(first)
        voting.cast(asked.pk, by=first.ben, now=NOW)
        with pytest.raises(ramp.StageRefused, match="a case is open"):
            rise(asked, why_not="a case is open")
        ramp.fall(LIVE, to=Stage.PAPER, reason="look first", by="ann", now=NOW)

        with pytest.raises(signoff.NotAllowed, match="has moved on"):
            rise(asked)

    def test_from_paper_is_going_live_alone(self, desk: Desk) -> None:
        with pytest.raises(ramp.StageRefused, match="going live"):
            asked_to_rise(desk)


class TestFall:
    def test_takes_nobody_else(self, first: Desk) -> None:
        moved = ramp.fall(LIVE, to=Stage.PAPER, reason="look first", by="ann", now=NOW)

        assert moved is not None
        assert (moved.to_stage, moved.change) == ("S0", None)

    def test_is_none_where_it_is_no_lower(self, first: Desk) -> None:
        assert ramp.fall(LIVE, to=Stage.FIRST, reason="again", by="ann", now=NOW) is None

    def test_needs_a_reason(self, first: Desk) -> None:
        with pytest.raises(ramp.StageRefused, match="reason"):
            ramp.fall(LIVE, to=Stage.PAPER, reason=" ", by="ann", now=NOW)


class TestTheDatabase:
    def test_lets_nobody_rise_without_two_people(self, first: Desk) -> None:
        raw.refused(INSERT, [LIVE, 2, "S1", "S2", None], match="Two people")
        raw.refused(INSERT, ["OTHER", 1, "S0", "S1", None], match="Two people")
        raw.refused(INSERT, [LIVE, 2, "S0", "S1", None], match="begins where")
        raw.refused("UPDATE risk_stagemove SET to_stage = 'S4'")
        raw.refused("DELETE FROM risk_stagemove")

    def test_holds_a_rise_to_the_stage_and_account_that_were_approved(self, first: Desk) -> None:
        change = executed(first, "stage.rise", f"stage:{LIVE}", "S3").pk

        raw.refused(INSERT, [LIVE, 2, "S1", "S3", change], match="one stage at a time")
        raw.refused(INSERT, [LIVE, 2, "S1", "S2", change], match="Two people")
        raw.refused(INSERT, ["OTHER", 1, "S0", "S1", change], match="Two people")


class TestWhatIsInForce:
    def test_is_no_looser_than_the_stage(self, first: Desk) -> None:
        desks.install()
        live = replace(ENTRY, account=LIVE, mode="live")

        judged, _ = in_force.read(live, now=NOW)
        watched = limits.in_force(account=LIVE, symbol="AAPL", now=NOW)

        assert judged == watched
        assert judged.stage == watched.stage == ramp.held(LIVE)
        assert judged.versions["positions@stage S1"] == 1
        assert judged["position_fraction"].value == Decimal("0.01")
        assert in_force.read(replace(ENTRY, account="PA1"), now=NOW)[0]["position_fraction"].value == Decimal("0.05")

    def test_is_nothing_for_a_live_account_that_stands_on_paper(self, desk: Desk) -> None:
        desks.install()

        judged, _ = in_force.read(replace(ENTRY, account=LIVE, mode="live"), now=NOW)

        assert (judged["positions"].value, judged["gross_fraction"].value) == (0, 0)

    def test_is_read_in_one_statement(self, first: Desk, django_assert_num_queries: object) -> None:
        desks.install()
        with django_assert_num_queries(1):  # type: ignore[operator]
            in_force.read(replace(ENTRY, account=LIVE, mode="live"), now=NOW)
        with django_assert_num_queries(1):  # type: ignore[operator]
            limits.in_force(account=LIVE, now=NOW)


class TestRaisingALimit:
    @pytest.mark.parametrize(("value", "refused"), [("0.01", False), ("0.02", True)])
    def test_ends_at_what_the_stage_allows(self, first: Desk, value: str, refused: bool) -> None:
        desks.install()
        terms: dict[str, Any] = {
            "name": "position_fraction",
            "scope_kind": ScopeKind.ACCOUNT,
            "scope_key": LIVE,
            "reason": "because",
        }
        limits.tighten(**terms, value="0.005", by="ann", now=NOW)

        def propose() -> object:
            return limits.propose(**terms, value=value, by=first.ann, now=NOW, place=PLACE)

        if refused:
            with pytest.raises(limits.LimitRefused, match="more than stage S1 allows"):
                propose()
        else:
            assert isinstance(propose(), ChangeRequest)
