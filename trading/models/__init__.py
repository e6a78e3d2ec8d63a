"""The trading record, by subject. Each module names the one writer of its tables."""

from trading.models.accounts import Account, AccountLease, AccountState
from trading.models.aftermath import AdjustingEntry, ReportSignature
from trading.models.calls import BrokerBudget
from trading.models.market import Bar, Instrument
from trading.models.operations import (
    DailyReport,
    EnginePass,
    LiveArming,
    PreflightRun,
    ProcessHeartbeat,
    ReconciliationBreak,
    ReconciliationRun,
)
from trading.models.orders import Fill, FillSighting, Order, OrderIntent
from trading.models.positions import EquityMark, Lot, LotClosing, Position
from trading.models.strategy import Signal, Strategy
from trading.models.stream import Hearing, StreamMessage
from trading.models.sums import DayCount, OpenSum
from trading.models.watching import LossTrack, Transfer, TransferReading

__all__ = [
    "Account",
    "AccountLease",
    "AccountState",
    "AdjustingEntry",
    "Bar",
    "BrokerBudget",
    "DailyReport",
    "DayCount",
    "EnginePass",
    "EquityMark",
    "Fill",
    "FillSighting",
    "Hearing",
    "Instrument",
    "LiveArming",
    "LossTrack",
    "Lot",
    "LotClosing",
    "OpenSum",
    "Order",
    "OrderIntent",
    "Position",
    "PreflightRun",
    "ProcessHeartbeat",
    "ReconciliationBreak",
    "ReconciliationRun",
    "ReportSignature",
    "Signal",
    "Strategy",
    "StreamMessage",
    "Transfer",
    "TransferReading",
]
