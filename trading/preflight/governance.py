"""Checks of what people owe the desk: the last session signed for, the emergency stop exercised lately."""

from django.conf import settings

from audit.models import AuditEvent
from risk.at_trade.values import Action
from risk.post_trade import governing
from risk.post_trade.values import Finding, Governed
from risk.standing import Limits
from trading.choices import Mode
from trading.preflight.items import Context, Item, failed, passed, warned
from trading.reconciling import signing


def last_session_signed(context: Context) -> Item:
    """A person has read the last session's report and put a name under it (control 42)."""
    if context.market_now is None:
        return failed("the venue's clock could not be read", "Check the connection to the broker.")
    last = signing.last_session(context.account, market_now=context.market_now)
    found = governing.signature(_governed(context, last_session=last), Limits())
    if found:
        return _item(found[0], "Open the report under Reports, read it and sign it.")
    if last is None:
        return passed("no session was traded yet")
    return passed(f"{last.session_date} is {'signed' if last.signed else 'not due for signing yet'}")


def stop_exercised_lately(context: Context) -> Item:
    """The emergency stop was proved at a broker within its days (control 50)."""
    drills = AuditEvent.objects.filter(event="drill.passed")
    # A real live account is never drilled with an order; the proof comes from a paper account of the same desk.
    if context.account.mode == Mode.PAPER or settings.VENUE_CONTROL_URL:
        drills = drills.filter(account=context.account.number)
    last = drills.order_by("-at").values_list("at", flat=True).first()
    found = governing.drill(_governed(context, drilled_at=last), Limits())
    if found:
        return _item(found[0], "Run manage.py drill on a paper account, then preflight again.")
    return passed(f"last proved at {last:%Y-%m-%d %H:%M} UTC")


def _governed(context: Context, **known: object) -> Governed:
    terms = {"last_session": None, "drilled_at": None, **known}
    return Governed(mode=context.account.mode, now=context.now, market_now=context.market_now, **terms)  # type: ignore[arg-type]


def _item(finding: Finding, remedy: str) -> Item:
    return (failed if finding.action == Action.H1 else warned)(finding.sentence, remedy)
