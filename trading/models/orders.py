"""The three tenses of a trade: what was wanted, what is working, what is done. Written by `trading.orders` alone."""

import uuid
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from audit.models import append_only
from trading.choices import (
    LEGAL_MOVES,
    MONEY,
    SHARES,
    TERMINAL,
    UNRESOLVED,
    Mode,
    OrderClass,
    OrderStatus,
    OrderType,
    Purpose,
    Side,
    TimeInForce,
)
from trading.models.accounts import Account
from trading.models.market import Instrument
from trading.models.strategy import Signal, Strategy

LIMIT_TYPES = (OrderType.LIMIT, OrderType.STOP_LIMIT)


class OrderIntent(models.Model):
    """What was wanted, with the verdict it got and all it was judged by. Never changed.

    The id, as text, is the `client_order_id` at the broker: one intent, at most one order there, ever. A denied intent
    carries its code and has no order.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account = models.ForeignKey(Account, models.PROTECT, related_name="intents")
    mode = models.CharField(max_length=8, choices=Mode)
    strategy = models.ForeignKey(Strategy, models.PROTECT, null=True, related_name="intents")
    signal = models.ForeignKey(Signal, models.PROTECT, null=True, related_name="intents")
    earlier_attempt = models.ForeignKey("self", models.PROTECT, null=True, related_name="later_attempts")
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=8, choices=Purpose)
    side = models.CharField(max_length=4, choices=Side)
    quantity = models.DecimalField(**SHARES)
    type = models.CharField(max_length=16, choices=OrderType)
    time_in_force = models.CharField(max_length=4, choices=TimeInForce)
    order_class = models.CharField(max_length=8, choices=OrderClass, default=OrderClass.SIMPLE)
    limit_price = models.DecimalField(**MONEY, null=True)
    stop_price = models.DecimalField(**MONEY, null=True)
    take_profit_price = models.DecimalField(**MONEY, null=True)
    stop_loss_price = models.DecimalField(**MONEY, null=True)
    reference_price = models.DecimalField(**MONEY, null=True, help_text="Mid of the quote it was decided on.")
    approved = models.BooleanField()
    denial_code = models.CharField(max_length=48, blank=True)
    denial_sentence = models.TextField(blank=True)
    verdict = models.JSONField(default=dict, help_text="Every denial with what it saw and what it allowed.")
    inputs = models.JSONField(default=dict, help_text="What the gate read.")
    limit_versions = models.JSONField(default=dict, help_text="Limit name and scope -> version in force.")
    build = models.CharField(max_length=64, blank=True)
    by = models.CharField(max_length=150, help_text="The strategy's or the person's name.")
    pass_id = models.CharField(max_length=36, blank=True)
    session_date = models.DateField()
    decided_at = models.DateTimeField(help_text="By the venue's clock.")
    created_at = models.DateTimeField(help_text="By the wall clock.")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0), name="intent_quantity_positive"),
            models.CheckConstraint(
                condition=Q(approved=True, denial_code="") | Q(approved=False) & ~Q(denial_code=""),
                name="intent_denial_code_exactly_when_denied",
            ),
            # A signal buys once, for ever, however often a pass is repeated.
            models.UniqueConstraint(
                fields=("signal",), condition=Q(approved=True), name="intent_one_approved_per_signal"
            ),
        )
        indexes = (
            models.Index(fields=("account", "-decided_at"), name="intent_blotter"),  # the blotter and duplicate window
            models.Index(fields=("account", "session_date", "purpose"), name="intent_day_count"),  # entries today
        )
        triggers: ClassVar = append_only.triggers()

    def __str__(self) -> str:
        return f"{self.side} {self.quantity.normalize():f} shares"


class OrderQuerySet(models.QuerySet["Order"]):
    def working(self) -> "OrderQuerySet":
        """Orders that hold exposure: not terminal."""
        return self.exclude(status__in=TERMINAL)

    def fill_missing(self) -> "OrderQuerySet":
        """Orders of which the broker has filled more than is booked."""
        return self.filter(booked_quantity__lt=F("filled_quantity"))


class Order(models.Model):
    """What is working at the broker, or on its way there: the only row of a trade with a life cycle.

    A root order belongs to its intent alone. A bracket's legs are orders too, with `parent` set and a client id the
    broker chose; so is what took an order's place at the broker, with `replaces` set. `booked_quantity` is the sum of
    its fills; less than `filled_quantity` means a fill is missing.
    """

    intent = models.ForeignKey(OrderIntent, models.PROTECT, related_name="orders")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="legs")
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="successors")
    account = models.ForeignKey(Account, models.PROTECT, related_name="orders")
    mode = models.CharField(max_length=8, choices=Mode)
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=8, choices=Purpose)
    side = models.CharField(max_length=4, choices=Side)
    quantity = models.DecimalField(**SHARES)
    type = models.CharField(max_length=16, choices=OrderType)
    time_in_force = models.CharField(max_length=4, choices=TimeInForce)
    order_class = models.CharField(max_length=8, choices=OrderClass, default=OrderClass.SIMPLE)
    limit_price = models.DecimalField(**MONEY, null=True)
    stop_price = models.DecimalField(**MONEY, null=True)
    client_order_id = models.CharField(max_length=128, unique=True)
    broker_order_id = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 null is "not known yet", unique needs it
    status = models.CharField(max_length=20, choices=OrderStatus, default=OrderStatus.SUBMITTED)
    broker_status = models.CharField(max_length=32, blank=True, help_text="The broker's own word.")
    reason = models.TextField(blank=True, help_text="Why it was rejected or withdrawn.")
    filled_quantity = models.DecimalField(**SHARES, default=0)
    filled_average_price = models.DecimalField(**MONEY, null=True)
    booked_quantity = models.DecimalField(**SHARES, default=0)
    session_date = models.DateField()
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True, help_text="When the broker was last asked what became of it.")
    times_asked = models.PositiveIntegerField(default=0)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("intent",), condition=Q(parent=None, replaces=None), name="order_one_root_per_intent"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, filled_quantity__gte=0, filled_quantity__lte=F("quantity")),
                name="order_filled_between_zero_and_quantity",
            ),
            models.CheckConstraint(
                condition=Q(booked_quantity__gte=0, booked_quantity__lte=F("quantity")),
                name="order_booked_between_zero_and_quantity",
            ),
            models.CheckConstraint(
                condition=Q(type__in=LIMIT_TYPES, limit_price__isnull=False)
                | ~Q(type__in=LIMIT_TYPES) & Q(limit_price__isnull=True),
                name="order_limit_price_exactly_for_limit_types",
            ),
            models.CheckConstraint(condition=Q(status__in=OrderStatus.values), name="order_status_known"),
        )
        indexes = (
            # Exposure, the poll and reconciliation read what is working; its size does not grow with history.
            models.Index(
                fields=("account", "instrument"), condition=~Q(status__in=tuple(sorted(TERMINAL))), name="order_working"
            ),
            models.Index(fields=("account", "-created_at"), name="order_blotter"),
            models.Index(
                fields=("account", "instrument"),
                condition=Q(status__in=tuple(sorted(UNRESOLVED))),
                name="order_unresolved",
            ),  # read by every decision; holds what is on the wire now
            models.Index(
                fields=("account",), condition=Q(booked_quantity__lt=F("filled_quantity")), name="order_fill_missing"
            ),  # read by every decision; empty but for moments
        )
        triggers: ClassVar = (
            pgtrigger.FSM(
                name="order_legal_moves",
                field="status",
                transitions=[(str(a), str(b)) for a, moves in LEGAL_MOVES.items() for b in sorted(moves)],
            ),
            pgtrigger.Protect(
                name="order_filled_never_shrinks",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__filled_quantity__lt=pgtrigger.F("old__filled_quantity")),
            ),
            pgtrigger.Protect(name="order_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="order_identity_fixed",
                fields=["intent", "account", "mode", "instrument", "side", "client_order_id", "parent", "replaces"],
            ),
        )

    def __str__(self) -> str:
        return f"{self.side} {self.quantity.normalize():f} shares, {self.status}"


class Fill(models.Model):
    """Shares that changed hands. Identity: the order and its cumulative quantity after it. Never changed."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="fills")
    account = models.ForeignKey(Account, models.PROTECT, related_name="fills")
    mode = models.CharField(max_length=8, choices=Mode)
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+")
    side = models.CharField(max_length=4, choices=Side)
    quantity = models.DecimalField(**SHARES)
    price = models.DecimalField(**MONEY)
    cumulative_quantity = models.DecimalField(**SHARES)
    filled_at = models.DateTimeField(help_text="The broker's instant of the execution.")
    session_date = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("order", "cumulative_quantity"), name="fill_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0, price__gt=0), name="fill_positive"),
            models.CheckConstraint(
                condition=Q(cumulative_quantity__gte=F("quantity")), name="fill_cumulative_includes_it"
            ),
        )
        indexes = (models.Index(fields=("account", "-filled_at"), name="fill_latest"),)  # charts, day reports
        triggers: ClassVar = append_only.triggers()

    def __str__(self) -> str:
        return f"{self.side} {self.quantity.normalize():f} @ {self.price.normalize():f}"


class FillSighting(models.Model):
    """One way a fill was heard: the stream's execution id, or the activity's id. A fill may be seen in both."""

    class Source(models.TextChoices):
        STREAM = "stream", "trade updates"
        ACTIVITY = "activity", "account activities"

    fill = models.ForeignKey(Fill, models.PROTECT, related_name="sightings")
    source = models.CharField(max_length=8, choices=Source)
    broker_fill_id = models.CharField(max_length=128)
    heard_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("source", "broker_fill_id"), name="fill_sighting_once"),)
        triggers: ClassVar = append_only.triggers()

    def __str__(self) -> str:
        return f"{self.source} {self.broker_fill_id}"
