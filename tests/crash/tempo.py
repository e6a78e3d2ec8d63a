"""How much quicker than in production the rig's desk loses patience: the order of the delays stays, their length not.

A lease lasts ten seconds in production; a rig that waited for each would take hours and prove nothing more.
"""

from datetime import timedelta

FASTER = 5
LEASE = 2.0
"""Seconds; longer than any hesitation, shorter than a frozen process sleeps."""

FROZEN = 2.6
"""Seconds a process stands still: its lease is over, and another has acted."""


def before_settings() -> None:
    """Set the delays that others derive theirs from, before anybody has read them."""
    from trading import error_rules as rules

    rules.HESITATION = 0.4
    rules.FIRST_ASK, rules.NO_PROOF_WITHIN = 0.1, 3.0
    rules.FIRST_PAUSE, rules.LONGEST_PAUSE = 0.2, 2.0
    rules.LEFT_ALONE = 1.0
    rules.RECONNECT_FIRST, rules.RECONNECT_LONGEST, rules.SILENCE = 0.2, 1.0, 2.0


def after_setup() -> None:
    """Set the others, once the apps are loaded."""
    from trading import leases
    from trading.management.commands import watchdog
    from trading.proposing import protection
    from trading.streams import hearing, listening

    leases.LEASE = timedelta(seconds=LEASE)
    leases.RENEW_BELOW = leases.LEASE / 2
    hearing.LEASE = timedelta(seconds=3)
    listening.BEAT, listening.STANDBY, listening.NOT_READY = 0.5, 0.1, 0.2
    protection.CLOSED_AFTER = timedelta(seconds=120 / FASTER)
    watchdog.EVERY = 1.0


def scheduled(every: timedelta) -> timedelta:
    """The period of a line of the schedule."""
    return every / FASTER
