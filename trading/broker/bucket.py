"""The arithmetic of a request budget: a token bucket, and the broker's own window over it. Pure.

All instants are seconds of one clock, whichever keeps the bucket. A call passes where both leave room: the bucket
smooths what we send, the window is what the broker itself says is left until it counts anew.
"""

from dataclasses import dataclass, replace

WINDOW = 60.0
"""Seconds the broker's limit speaks of."""

RESERVE = 0.5
"""Fraction of bucket and window that only urgent calls may take."""

PROBE_EVERY = 1.0
"""Seconds between the urgent calls that are let through a stop sign."""

SAME_TURN = 2.0
"""Two tellings of when the window turns that lie closer are of the same window: headers count whole seconds."""


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer's headers said: calls per window, calls left, and in how many seconds the window turns."""

    limit: int
    left: int | None = None
    turns_in: float | None = None


@dataclass(frozen=True, slots=True)
class Bucket:
    """One account's budget at one host. `window_ends` 0 means that the broker never told its window."""

    limit: int
    tokens: float
    filled_at: float
    window_ends: float = 0.0
    window_left: int = 0
    stopped_until: float = 0.0
    probed_at: float = 0.0


def full(limit: int, now: float) -> Bucket:
    """A bucket nobody has drawn from."""
    return Bucket(limit, limit, now, probed_at=now - PROBE_EVERY)


def at(bucket: Bucket, now: float) -> Bucket:
    """The same bucket later: refilled, and in the broker's next window where that has turned."""
    # A clock that went back fills nothing, and nothing twice.
    gone = max(0.0, now - bucket.filled_at)
    tokens = min(bucket.limit, bucket.tokens + gone * bucket.limit / WINDOW)
    ends, left = bucket.window_ends, bucket.window_left
    if ends and now >= ends:
        ends += WINDOW * ((now - ends) // WINDOW + 1)
        left = bucket.limit
    return replace(bucket, tokens=tokens, filled_at=max(now, bucket.filled_at), window_ends=ends, window_left=left)


def room(bucket: Bucket, now: float, *, urgent: bool) -> int:
    """How many such calls would pass at once now, a stop sign apart."""
    bucket = at(bucket, now)
    floor = _floor(bucket, urgent=urgent)
    most = bucket.tokens - floor
    if bucket.window_ends:
        most = min(most, bucket.window_left - floor)
    return max(0, int(most))


def drawn(bucket: Bucket, count: int, now: float) -> Bucket:
    """The bucket after `count` calls were taken; the caller has looked at `room`."""
    bucket = at(bucket, now)
    left = max(0, bucket.window_left - count) if bucket.window_ends else 0
    return replace(bucket, tokens=bucket.tokens - count, window_left=left)


def wait(bucket: Bucket, now: float, *, urgent: bool) -> float:
    """Seconds until one such call passes; 0 where it does now."""
    if now < bucket.stopped_until:
        return bucket.stopped_until - now
    bucket = at(bucket, now)
    floor = _floor(bucket, urgent=urgent)
    longest = max(0.0, (floor + 1 - bucket.tokens) * WINDOW / bucket.limit)
    if bucket.window_ends and bucket.window_left - 1 < floor:
        longest = max(longest, bucket.window_ends - now)
    return longest


def learned(bucket: Bucket, told: Told, now: float) -> Bucket:
    """Take over what the broker says. Answers come out of order: within a window it only lowers what is left."""
    bucket = replace(at(bucket, now), limit=told.limit)
    tokens, ends, left = min(bucket.tokens, told.limit), bucket.window_ends, bucket.window_left
    if told.left is None:
        return replace(bucket, tokens=tokens, window_left=min(left, told.limit))
    tokens = min(tokens, told.left)
    if told.turns_in is not None and 0 < told.turns_in <= WINDOW + SAME_TURN:
        turns = now + told.turns_in
        newer = not ends or turns > ends + SAME_TURN
        left = told.left if newer else min(left, told.left)
        ends = turns if newer or turns < ends - SAME_TURN else ends
    return replace(bucket, tokens=tokens, window_ends=ends, window_left=left)


def stopped(bucket: Bucket, seconds: float, now: float) -> Bucket:
    """Hold everything ordinary for so long; a longer stop stays."""
    return replace(bucket, stopped_until=max(bucket.stopped_until, now + seconds))


def probed(bucket: Bucket, now: float) -> Bucket | None:
    """Let one urgent call through a stop sign; None where another went within the last second."""
    return replace(bucket, probed_at=now) if now - bucket.probed_at >= PROBE_EVERY else None


def _floor(bucket: Bucket, *, urgent: bool) -> float:
    return 0.0 if urgent else bucket.limit * RESERVE
