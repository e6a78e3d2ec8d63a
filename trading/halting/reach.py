"""What a halt stops: one account, one strategy, one symbol, or the firm; and finding it by the names people type."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from trading.models import Account, Instrument, Order, Position, Strategy


class Unknown(LookupError):
    """Nothing has that name; the text says which names there are."""


@dataclass(frozen=True, slots=True)
class Reach:
    """One account, one strategy or one symbol, or with none of them the firm.

    `everything` cancels and closes what others have at the broker in it, not our own alone.
    """

    account: Account | None = None
    strategy: str = ""
    symbol: str = ""
    everything: bool = False

    def scope(self) -> tuple[str, str]:
        """Kind and key of the latch. Raises ValueError for more than one of them, or everything of a strategy."""
        named = [("account", self.account.number if self.account else ""), ("strategy", self.strategy)]
        named = [each for each in [*named, ("symbol", self.symbol)] if each[1]]
        if len(named) > 1:
            raise ValueError("A halt stops one account, one strategy or one symbol; pull one after the other.")
        if self.strategy and self.everything:
            raise ValueError("Orders of others belong to no strategy; stop the account to reach them.")
        return named[0] if named else ("firm", "")

    def accounts(self) -> list[Account]:
        """The accounts it is about: active ones, and resting ones that still have an order or a position."""
        return [self.account] if self.account else list(_with_something_to_stop())

    def within(self) -> Q:
        """Our orders it reaches."""
        found = Q(account__in=self.accounts())
        if self.strategy:
            found &= Q(intent__strategy__name=self.strategy)
        return found & Q(instrument__symbol=self.symbol) if self.symbol else found

    def held(self) -> QuerySet[Position]:
        """Our positions it reaches; a strategy's are those in the symbols it trades."""
        accounts = self.accounts()
        held = Position.objects.filter(account__in=accounts).exclude(quantity=0).select_related("instrument")
        if self.symbol:
            held = held.filter(instrument__symbol=self.symbol)
        if self.strategy:
            named = Strategy.objects.filter(account__in=accounts, name=self.strategy)
            held = held.filter(instrument__symbol__in={each for row in named for each in row.symbols})
        return held

    @property
    def title(self) -> str:
        """In words, for instance "the whole firm" or "symbol AAPL"."""
        if self.account is not None:
            return str(self.account)
        kind = "strategy" if self.strategy else "symbol"
        return f"{kind} {self.strategy or self.symbol}" if self.strategy or self.symbol else "the whole firm"

    @property
    def name(self) -> str:
        """What a person types to confirm."""
        return self.account.name if self.account else self.strategy or self.symbol or "firm"


def named(*, account: str | None, strategy: str | None, symbol: str | None, everything: bool) -> Reach:
    """Find what was named. Raises Unknown for a name that nothing has."""
    if strategy is not None:
        _known(strategy, "strategy", list(Strategy.objects.values_list("name", flat=True).distinct()))
    if symbol is not None:
        _known(symbol, "symbol", list(Instrument.objects.values_list("symbol", flat=True)))
    if account is None:
        return Reach(strategy=strategy or "", symbol=symbol or "", everything=everything)
    _known(account, "account", list(Account.objects.values_list("number", flat=True)))
    return Reach(Account.objects.get(number=account), strategy or "", symbol or "", everything=everything)


def _known(name: str, kind: str, known: list[str]) -> None:
    if name not in known:
        raise Unknown(f"There is no {kind} {name}; known are: {', '.join(known) or 'none'}. Nothing was halted.")


def _with_something_to_stop() -> QuerySet[Account]:
    working = Order.objects.working().values("account_id")
    held = Position.objects.exclude(quantity=0).values("account_id")
    return Account.objects.filter(Q(active=True) | Q(pk__in=working) | Q(pk__in=held)).order_by("pk")
