"""One writer per table: a second one would be a second place where its meaning has to be kept."""

import ast

import pytest

from tests.architecture import source
from tests.architecture.source import Source

MODELS = source.models("audit", "risk", "trading")

WRITERS: dict[str, tuple[str, ...]] = {
    # audit
    "Alert": ("audit.alerts",),
    "AlertedEvent": ("audit.alerts",),
    "AlertReader": ("audit.alerts",),
    # Queued with its alert, in one transaction; tried and ended by the deliverer.
    "AlertDelivery": ("audit.alerts", "audit.deliveries"),
    "AuditEvent": ("audit.trail",),
    "AuditSeal": ("audit.sealing",),
    "StateSnapshot": ("audit.trail",),
    # risk
    "Attestation": ("risk.attesting",),
    "Breach": ("risk.breaches",),
    "ChangeRequest": ("risk.signoff",),
    "Execution": ("risk.signoff",),
    "Factor": ("risk.factors",),
    "Halt": ("risk.halts",),
    "HaltReceipt": ("risk.receipts",),
    "Limit": ("risk.limit_rows",),
    "Person": ("risk.people",),
    "PersonAccount": ("risk.people",),
    "PolicyAdoption": ("risk.adoption",),
    "StageMove": ("risk.ramp",),
    "Vote": ("risk.signoff",),
    # trading: an account begins with its row, its state and its strategies (`opening`); people change it in the admin
    "Account": ("trading.opening", "trading.admin.accounts"),
    # A new one rests; what loosens waits for two people.
    "Strategy": ("trading.opening", "trading.admin.strategies", "trading.strategy_changes"),
    "Instrument": ("trading.market_data", "trading.opening"),
    # One row per account, made with it; every column has one writer: figures and ledger's opening `portfolio`, the
    # ledger's moves `positions`, how far fills were heard `healing`, the peak `portfolio` (broker) and `marks` (ours).
    "AccountState": (
        "trading.opening",
        "trading.admin.accounts",
        "trading.portfolio",
        "trading.positions",
        "trading.healing",
        "trading.marks",
    ),
    "AccountLease": ("trading.leases",),
    "AdjustingEntry": ("trading.reconciling.cases",),
    "Bar": ("trading.market_data",),
    "BrokerBudget": ("trading.broker.shared_ledger",),
    "DailyReport": ("trading.reconciling.closing",),
    "EnginePass": ("trading.engine",),
    "EquityMark": ("trading.marks",),
    # Running sums: written by triggers on orders and intents, and read-only for the program's database role.
    "DayCount": (),
    "OpenSum": (),
    "Fill": ("trading.positions",),
    "FillSighting": ("trading.positions",),
    "Hearing": ("trading.streams.hearing",),
    "Transfer": ("trading.transfers",),
    "TransferReading": ("trading.transfers",),
    "StreamMessage": ("trading.streams.inbox",),
    "LiveArming": ("trading.golive",),
    "LossTrack": ("trading.watching.monitors",),
    "Lot": ("trading.positions",),
    "LotClosing": ("trading.positions",),
    # `positions` writes booked_quantity alone, with the fill it counts.
    "Order": ("trading.orders", "trading.positions"),
    "OrderIntent": ("trading.orders",),
    "Position": ("trading.positions",),
    "PreflightRun": ("trading.preflight",),
    "ProcessHeartbeat": ("trading.watching.heartbeats",),
    # Opened by the comparison; closed by it, or by people.
    "ReconciliationBreak": ("trading.reconciling.reconciliation", "trading.reconciling.cases"),
    "ReconciliationRun": ("trading.reconciling.reconciliation",),
    "ReportSignature": ("trading.reconciling.signing",),
    "Signal": ("trading.orders",),
}

_MANAGER = {"create", "bulk_create", "get_or_create", "update_or_create", "bulk_update"}
_ROWS = {"save", "delete", "update"}
WRITES = _MANAGER | _ROWS | {f"a{verb}" for verb in _MANAGER | _ROWS}
"""Django's verbs that write, and their asynchronous twins."""


def writes(each: Source) -> list[tuple[str, str]]:
    """(model, written as) of every write in a file; the model is "" where the text does not name it."""
    found = []
    for call in source.calls(each):
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in WRITES:
            continue
        written = ast.unparse(call.func)
        model = written.split(".", 1)[0]
        if ".objects." in written and model in MODELS:
            found.append((model, written))
        elif not _is_plain(call, written):
            found.append(("", written))
    return found


def _is_plain(call: ast.Call, written: str) -> bool:
    """A dict's or a hash's `update`, which takes one positional value; a form's or admin's call of its base."""
    return (call.func.attr == "update" and bool(call.args)) or written.startswith("super()")  # type: ignore[attr-defined]


def trespasses(each: Source) -> list[str]:
    """Writes of a file to tables whose writer it is not, or of rows when it is nobody's writer."""
    own = {model for model, rooms in WRITERS.items() if source.within(each.module, *rooms)}
    return [
        f"{each.module}: {written}"
        for model, written in writes(each)
        if (model and model not in own) or (not model and not own & _named(each))
    ]


def _named(each: Source) -> set[str]:
    return {node.id for node in ast.walk(each.tree) if isinstance(node, ast.Name)} & set(MODELS)


class TestWriters:
    def test_are_named_for_every_table(self) -> None:
        assert set(WRITERS) == set(MODELS)

    @pytest.mark.parametrize("app", ["audit", "config", "risk", "trading"])
    def test_alone_write_their_tables(self, app: str) -> None:
        rooms = [each for each in source.python(app) if not source.within(each.module, "trading.venue")]

        assert [line for each in rooms for line in trespasses(each)] == [
            line for line in OTHERS if line.startswith(app)
        ]

    def test_are_rooms_that_do_write(self) -> None:
        idle = [
            f"{model}: {room}"
            for model, rooms in WRITERS.items()
            for room in rooms
            if room not in BY_THE_ADMIN + BY_STATEMENTS and not _writes_or_saves(room, model)
        ]

        assert idle == []


OTHERS = [
    "config.factors: factor.save",
    "config.people: Group.objects.get_or_create",
]
"""Writes to tables of Django's own."""

BY_THE_ADMIN = ("trading.admin.accounts", "trading.admin.strategies")
"""Django's admin itself saves what their forms hold."""

BY_STATEMENTS = ("trading.broker.shared_ledger", "trading.orders", "trading.positions", "trading.streams.hearing")
"""Writes in SQL: over a connection of its own, because one statement must decide, or one must do for many rows."""


def _writes_or_saves(room: str, model: str) -> bool:
    files = [each for each in source.python(room.split(".", 1)[0]) if source.within(each.module, room)]
    return any(named == model or (not named and model in _named(each)) for each in files for named, _ in writes(each))


class TestTheRuleItself:
    @pytest.mark.parametrize(
        "text",
        [
            "Fill.objects.create(price=1)",
            "Fill.objects.filter(pk=1).update(price=1)",
            "Fill.objects.all().delete()",
            "async def f(): await Fill.objects.acreate(price=1)",
            "fill.save(update_fields=['price'])",
            "rows.update(price=1)",
            "order.fills.create(price=1)",
        ],
    )
    def test_a_stranger_is_found(self, text: str) -> None:
        assert len(trespasses(Source("trading.reading.blotter", text))) == 1

    def test_a_writer_of_another_table_is_found(self) -> None:
        assert trespasses(Source("trading.marks", "Fill.objects.create()")) == ["trading.marks: Fill.objects.create"]

    @pytest.mark.parametrize("text", ["Fill.objects.create()", "row = Fill()\nrow.save()", "seen.update({1: 2})"])
    def test_the_writer_is_not(self, text: str) -> None:
        assert trespasses(Source("trading.positions", text)) == []
