"""Checks of what people owe the desk: sessions signed for, the stop exercised, controls assessed, secrets renewed."""

from dataclasses import replace

from django.conf import settings

from audit.models import AuditEvent
from risk.at_trade.values import Action
from risk.post_trade import governing, upkeep
from risk.post_trade.values import Finding, Governed
from risk.standing import Limits
from trading.choices import Mode
from trading.preflight.items import Context, Item, failed, passed, warned
from trading.reconciling import signing
from trading.upkeep import due


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


def self_assessed(context: Context) -> Item:
    """The controls were assessed by a person within twelve months (control 51)."""
    found = upkeep.assessment(due.kept(context.account.mode, now=context.now), Limits())
    return _first(found, "Go through the controls under Upkeep and say what you found.") or passed("within 12 months")


def stress_carried(context: Context) -> Item:
    """The desk carried twice its highest load within twelve months (control 51)."""
    known = due.kept(context.account.mode, now=context.now)
    found = _first(upkeep.stress(known, Limits()), "Run manage.py stress on a paper account, or press it under Upkeep.")
    return found or passed(f"carried {known.stress_carried} orders a minute; highest of six months {known.peak}")


def secrets_young(context: Context) -> Item:
    """No secret has been the same for more than 90 days (control 52); new ones are written down here."""
    notes = due.note_secrets(by="preflight", now=context.now)
    known = due.kept(due.keeping_mode(context.account), now=context.now, secrets=notes)
    found = upkeep.secrets(known, Limits())
    if found:
        told = replace(found[0], sentence=" ".join(each.sentence for each in found))
        return _item(told, "Renew it where it comes from, set it, restart every process; docs/configuration.md.")
    oldest = min(note.done_at for note in notes.values())
    return passed(f"{len(known.secrets or ())} in use, none known for longer than since {oldest:%Y-%m-%d}")


def backup_comes_back(context: Context) -> Item:
    """A backup was restored and found to be our record within 30 days (control 52)."""
    known = due.kept(due.keeping_mode(context.account), now=context.now)
    found = upkeep.restore(known, Limits())
    remedy = "Restore the newest backup into another database and run manage.py check_restore on it."
    return _first(found, remedy) or passed(f"last came back whole on {known.restored_at:%Y-%m-%d}")


def _first(found: tuple[Finding, ...], remedy: str) -> Item | None:
    return _item(found[0], remedy) if found else None


def _governed(context: Context, **known: object) -> Governed:
    terms = {"last_session": None, "drilled_at": None, **known}
    return Governed(mode=context.account.mode, now=context.now, market_now=context.market_now, **terms)  # type: ignore[arg-type]


def _item(finding: Finding, remedy: str) -> Item:
    return (failed if finding.action == Action.H1 else warned)(finding.sentence, remedy)
