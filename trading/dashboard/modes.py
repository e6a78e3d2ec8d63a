"""What a page says of the mode: whose money it is, and whether the broker behind it is simulated. No query."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Mode:
    """`word` is the class that colours the banner, `label` what it says in capitals."""

    word: str
    label: str


def of_account(mode: str) -> Mode:
    """The mode of an account; at the simulated venue a live one is live in kind only, and says so beside it."""
    if mode != "live":
        return Mode("paper", "PAPER")
    return Mode("live", "LIVE" if simulated() else "LIVE · REAL MONEY")


def of_house() -> Mode:
    """The mode where no account is shown: signing in, the admin, an empty desk."""
    if simulated():
        return Mode("paper", "SIMULATED · NO REAL MONEY")
    return of_account(settings.TRADING_MODE)


def simulated() -> bool:
    """Whether orders go to the simulated venue, so that no money is real whatever an account calls itself."""
    return bool(settings.VENUE_CONTROL_URL)
