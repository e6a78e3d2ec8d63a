"""An account's figures, its holdings and its history in Alpaca's JSON."""

from decimal import Decimal

from trading.venue import values
from trading.venue.accounts import Transfer
from trading.venue.lifecycle import NEW_YORK
from trading.venue.rendering import Json, instant, number

_MONEY = (
    "cash", "equity", "last_equity", "long_market_value", "short_market_value", "initial_margin", "maintenance_margin",
    "last_maintenance_margin", "buying_power", "regt_buying_power", "non_marginable_buying_power",
)  # fmt: skip
_FLAGS = ("trading_blocked", "account_blocked", "trade_suspended_by_user", "shorting_enabled")
_HOLDING = (
    "qty", "qty_available", "avg_entry_price", "cost_basis", "market_value", "current_price", "lastday_price",
    "unrealized_pl", "unrealized_intraday_pl",
)  # fmt: skip
_FRACTIONS = ("change_today", "unrealized_plpc", "unrealized_intraday_plpc")
FRACTION_DIGITS = 10


def account(figures: values.AccountFigures) -> Json:
    """Render an account. The pattern-day-trader members are gone from Alpaca's answer and so from this one."""
    asof = figures.balance_asof or figures.created_at.date()
    return {
        "id": figures.id,
        "account_number": figures.number,
        "status": "ACTIVE",
        "crypto_status": "INACTIVE",
        "currency": "USD",
        "created_at": instant(figures.created_at),
        "balance_asof": asof.isoformat(),
        "portfolio_value": number(figures.equity),
        "multiplier": str(figures.multiplier),
        "options_buying_power": "0",
        "options_approved_level": 0,
        "options_trading_level": 0,
        "sma": number(figures.last_equity),
        "accrued_fees": "0",
        "pending_transfer_in": "0",
        "pending_transfer_out": "0",
        "pending_reg_taf_fees": "0",
        "intraday_adjustments": number(figures.intraday_adjustments),
        "transfers_blocked": False,
        **{name: number(getattr(figures, name)) for name in _MONEY},
        **{name: getattr(figures, name) for name in _FLAGS},
    }


def transfer(each: Transfer) -> Json:
    """Render what was paid in or out as an activity that is no trade."""
    return {
        "id": each.activity_id,
        "activity_type": each.kind,
        "date": each.at.astimezone(NEW_YORK).date().isoformat(),
        "created_at": instant(each.at),
        "net_amount": number(each.amount),
        "description": "",
        "status": "executed",
    }


def position(holding: values.Position) -> Json:
    """Render a holding: every number a string, the quantity of a short negative, percentages as fractions."""
    return {
        "asset_id": holding.asset.id,
        "symbol": holding.symbol,
        "exchange": holding.asset.exchange,
        "asset_class": "us_equity",
        "asset_marginable": holding.asset.marginable,
        "side": holding.side,
        **{name: number(getattr(holding, name)) for name in _HOLDING},
        **{name: number(round(getattr(holding, name), FRACTION_DIGITS)) for name in _FRACTIONS},
    }


def history(record: values.PortfolioHistory) -> Json:
    """Render the equity curve; these are JSON numbers, and timestamps are unix seconds at the left of each window."""
    return {
        "timestamp": [int(each.timestamp()) for each in record.timestamps],
        "equity": [_plain(each) for each in record.equity],
        "profit_loss": [_plain(each) for each in record.profit_loss],
        "profit_loss_pct": [_plain(each) for each in record.profit_loss_pct],
        "base_value": _plain(record.base_value),
        "timeframe": record.timeframe,
        "cashflow": {},
    }


def _plain(value: Decimal) -> float:
    return float(value)
