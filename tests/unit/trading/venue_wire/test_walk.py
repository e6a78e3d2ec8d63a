"""The order of a replay, who is waited for, and how often an account may ask."""

from datetime import timedelta

from tests.venue import DAYS, flat
from trading.venue import walk
from trading.venue.participants import Participants
from trading.venue.rate_limit import RateLimit

AT = DAYS[0].open


def _kinds(walked: walk.Walk, most: int = 50) -> list[str]:
    kinds: list[str] = []
    while not isinstance(walked.upcoming(), walk.Done) and len(kinds) < most:
        kinds.append(type(walked.upcoming()).__name__)
        walked.advance()
    return kinds


class TestWalk:
    def test_opens_plays_and_closes_each_session(self) -> None:
        walked = walk.Walk(flat(2, sessions=2))

        assert _kinds(walked) == ["Open", "Minute", "Minute", "Close"] * 2
        assert (walked.session_index, walked.closed, walked.total) == (2, 2, 2)

    def test_tells_a_minute_at_its_end(self) -> None:
        walked = walk.Walk(flat(1))
        walked.advance()
        minute = walked.upcoming()

        assert isinstance(minute, walk.Minute)
        assert minute.at - minute.bars[0].start == timedelta(minutes=1)

    def test_plays_no_more_than_it_was_told_and_goes_on_when_told_more(self) -> None:
        walked = walk.Walk(flat(1, sessions=3), 1)

        assert _kinds(walked) == ["Open", "Minute", "Close"]
        walked.advance()
        walked.limit_to(2)
        assert _kinds(walked) == ["Open", "Minute", "Close"]
        walked.limit_to(None)
        assert walked.total == 3


class TestParticipants:
    def test_waits_for_nobody_where_nothing_was_sent(self) -> None:
        participants = Participants()
        participants.join("A")

        assert participants.behind() == []

    def test_waits_for_who_has_not_come_as_far_as_the_last_minute(self) -> None:
        participants = Participants()
        participants.join("A")
        participants.join("B")
        participants.minute_sent(AT)
        participants.acknowledge("A", at=AT)
        participants.acknowledge("B", at=AT - timedelta(minutes=1))

        assert participants.behind() == ["B"]

    def test_does_not_ask_a_newcomer_for_what_was_sent_before(self) -> None:
        participants = Participants()
        participants.minute_sent(AT)
        participants.session_closed(DAYS[0].date)
        participants.join("A")

        assert participants.behind() == []

    def test_never_goes_back_for_an_older_word(self) -> None:
        participants = Participants()
        participants.acknowledge("A", at=AT, session=DAYS[1].date)
        participants.acknowledge("A", at=AT - timedelta(minutes=5), session=DAYS[0].date)
        participants.minute_sent(AT)
        participants.session_closed(DAYS[1].date)

        assert participants.behind() == []

    def test_takes_the_close_for_the_minutes_before_it(self) -> None:
        participants = Participants()
        participants.join("A")
        participants.minute_sent(AT)
        participants.session_closed(DAYS[0].date)
        participants.acknowledge("A", session=DAYS[0].date)

        assert participants.behind() == []

    def test_asks_for_the_close_apart_from_the_minute(self) -> None:
        participants = Participants()
        participants.join("A")
        participants.minute_sent(AT)
        participants.session_closed(DAYS[0].date)
        participants.acknowledge("A", at=AT)

        assert participants.behind() == ["A"]


class TestRateLimit:
    def test_allows_so_many_in_a_minute_and_then_again(self) -> None:
        limit = RateLimit(2)
        now = 120.0

        grants = [limit.spend("A", now) for _ in range(3)]

        assert [each.allowed for each in grants] == [True, True, False]
        assert [each.remaining for each in grants] == [1, 0, 0]
        assert {each.reset for each in grants} == {180}
        assert limit.spend("A", 180.0).allowed
        assert limit.spend("B", now).allowed

    def test_tells_no_headers_where_nothing_is_limited(self) -> None:
        grant = RateLimit(0).spend("A", 0.0)

        assert (grant.allowed, grant.headers()) == (True, {})
