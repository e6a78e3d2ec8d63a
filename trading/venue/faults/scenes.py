"""What happens at the broker by itself once a minute has been told, or overnight: others' orders, blocks, splits."""

from collections.abc import Callable, Mapping

from trading.venue.changing import Changing
from trading.venue.exchange import Exchange
from trading.venue.faults.menu import Place
from trading.venue.faults.plan import Fault, Plan
from trading.venue.faults.window import Window
from trading.venue.incidents import Incident
from trading.venue.values import Execution, OrderRequest, Refusal
from trading.venue.walk import Close, Minute, Step
from trading.venue.words import OrderType, Side, TimeInForce

type Scene = Callable[[Fault, str], None]
type Able = Callable[[Fault, str], bool]


class Scenes:
    """Plays the planned scenes of one exchange as its replay goes on."""

    def __init__(self, exchange: Exchange, changing: Changing, plan: Plan, window: Window) -> None:
        self._exchange = exchange
        self._changing = changing
        self._plan = plan
        self._window = window
        self._paused: dict[str, int] = {}
        self._scenes: Mapping[str, tuple[Able, Scene]] = {
            "account_blocked": (self._unblocked, self._block),
            "trading_blocked": (self._unblocked, self._block_trading),
            "trade_suspended": (self._unblocked, self._suspend),
            "manual_order": (self._open, self._order),
            "manual_cancel": (self._has_order, self._cancel),
            "position_closed": (self._holds, self._close),
            "money_paid": (self._open, self._pay),
            "symbol_paused": (self._trades, self._pause),
            "market_halted": (self._trades, self._halt_market),
            "trade_busted": (self._traded, self._bust),
            "trade_corrected": (self._traded, self._correct),
        }

    def stepped(self, step: Step, session: int, minute: int) -> None:
        """Tell that a step was played: so many sessions are opened, so many minutes of the last one told."""
        self._plan.stand_at(session, minute)
        if isinstance(step, Minute):
            self._window.minute_told()
            self._resume()
            if self._plan.has(Place.MINUTE):
                for account in self._exchange.accounts():
                    self._minute(account)
        elif isinstance(step, Close) and self._plan.has(Place.NIGHT):
            self._night()

    def _minute(self, account: str) -> None:
        def able(fault: Fault) -> bool:
            return self._scenes[fault.name][0](fault, account)

        for fault in self._plan.strikes(Place.MINUTE, "minute", account, able):
            try:
                self._scenes[fault.name][1](fault, account)
            except Refusal:
                continue  # the one before it took away what this one needs

    def _night(self) -> None:
        for fault in self._plan.strikes(Place.NIGHT, "night", "", lambda fault: True):
            if fault.name == "money_paid_overnight":
                self._pay_overnight(fault)
                continue
            listed = {each.symbol for each in self._exchange.assets()}
            for symbol in sorted(listed & fault.symbols if fault.symbols else listed):
                self._changing.happen(Incident("split", "", symbol, fault.set("ratio")))

    # Who could be struck

    def _unblocked(self, fault: Fault, account: str) -> bool:
        figures = self._exchange.figures(account)
        flag = "trade_suspended_by_user" if fault.name == "trade_suspended" else fault.name
        return not getattr(figures, flag)

    def _open(self, fault: Fault, account: str) -> bool:
        return self._exchange.is_open()

    def _has_order(self, fault: Fault, account: str) -> bool:
        return self._oldest(fault, account) is not None

    def _holds(self, fault: Fault, account: str) -> bool:
        return self._held(fault, account) is not None

    def _traded(self, fault: Fault, account: str) -> bool:
        return self._last_trade(fault, account) is not None

    # What happens

    def _block(self, fault: Fault, account: str) -> None:
        self._changing.set_flags(account, trading_blocked=None, account_blocked=True)

    def _block_trading(self, fault: Fault, account: str) -> None:
        self._changing.set_flags(account, trading_blocked=True, account_blocked=None)

    def _suspend(self, fault: Fault, account: str) -> None:
        self._changing.configure(account, {"suspend_trade": True})

    def _order(self, fault: Fault, account: str) -> None:
        limit = fault.set("limit_price")
        listed = [each.symbol for each in self._exchange.assets()]
        request = OrderRequest(
            symbol=min(fault.symbols, default=listed[0]),
            side=Side(fault.set("side")),
            type=OrderType.MARKET if limit is None else OrderType.LIMIT,
            time_in_force=TimeInForce.DAY,
            qty=fault.set("qty"),
            limit_price=limit,
        )
        self._changing.submit(account, request)

    def _cancel(self, fault: Fault, account: str) -> None:
        self._changing.cancel(account, self._oldest(fault, account) or "")

    def _close(self, fault: Fault, account: str) -> None:
        self._changing.close_position(account, self._held(fault, account) or "", qty=None, percentage=None)

    def _trades(self, fault: Fault, account: str) -> bool:
        return self._exchange.is_open() and any(each not in self._paused for each in self._struck(fault))

    def _pause(self, fault: Fault, account: str) -> None:
        struck = self._struck(fault)
        self._stop_trading(struck if fault.symbols else struck[:1], fault, fault.set("reason"))

    def _halt_market(self, fault: Fault, account: str) -> None:
        self._stop_trading([each.symbol for each in self._exchange.assets()], fault, f"MWC{fault.set('level')}")

    def _stop_trading(self, symbols: list[str], fault: Fault, reason: str) -> None:
        for symbol in symbols:
            self._paused[symbol] = fault.set("lasts")
            self._changing.happen(Incident("pause", "", symbol, words=reason))

    def _resume(self) -> None:
        for symbol, left in list(self._paused.items()):
            self._paused[symbol] = left - 1
            if left <= 1:
                del self._paused[symbol]
                self._changing.happen(Incident("pause", "", symbol))

    def _struck(self, fault: Fault) -> list[str]:
        return [each.symbol for each in self._exchange.assets() if not fault.symbols or each.symbol in fault.symbols]

    def _pay(self, fault: Fault, account: str) -> None:
        self._changing.happen(Incident("transfer", account, "session", fault.set("usd")))

    def _pay_overnight(self, fault: Fault) -> None:
        for account in self._exchange.accounts():
            if not fault.accounts or account in fault.accounts:
                self._changing.happen(Incident("transfer", account, "", fault.set("usd")))

    def _bust(self, fault: Fault, account: str) -> None:
        trade = self._last_trade(fault, account)
        if trade is not None:
            self._changing.happen(Incident("bust", account, trade.execution_id))

    def _correct(self, fault: Fault, account: str) -> None:
        trade = self._last_trade(fault, account)
        if trade is not None:
            self._changing.happen(Incident("correct", account, trade.execution_id, fault.set("by")))

    def _oldest(self, fault: Fault, account: str) -> str | None:
        found = self._exchange.orders(account, limit=1, direction="asc", symbols=fault.symbols or None)
        return found[0].id if found else None

    def _held(self, fault: Fault, account: str) -> str | None:
        held = [each.symbol for each in self._exchange.positions(account)]
        return next((each for each in held if not fault.symbols or each in fault.symbols), None)

    def _last_trade(self, fault: Fault, account: str) -> Execution | None:
        recent = self._exchange.activities(account)
        return next((each for each in recent if not fault.symbols or each.symbol in fault.symbols), None)
