"""Limits in the admin with how much of them is used: risk keeps them, trading knows what is used."""

from datetime import datetime
from decimal import Decimal

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from risk import admin as risk_admin
from risk.models import Limit
from trading.models import Account, EnginePass
from trading.watching import limit_use

NEAR = Decimal("0.8")
COLOURS = ((Decimal(1), "#dc2626"), (NEAR, "#d97706"), (Decimal(0), "#4f46e5"))
"""From this part of a limit on, the bar has this colour."""

admin.site.unregister(Limit)


@admin.register(Limit)
class LimitAdmin(risk_admin.LimitAdmin):
    """Every version of every limit, with its value, its ceiling, how much of it is used, and who set it."""

    list_display: tuple[str, ...] = (
        "name",
        "scope",
        "figure",
        "use",
        "ceiling",
        "until",
        "version",
        "set_by",
        "active_from",
        "active_to",
    )

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Measure once per page, and give each of its rows the part of it that is used."""
        page: ChangeList = super().get_changelist_instance(request)
        used, now = _measured(), timezone.now()
        rows = list(page.result_list)
        for row in rows:
            row.part_used = _part(row, used, now)
        page.result_list = rows
        return page

    def is_known(self, scope_kind: str, scope_key: str) -> bool:
        """Whether the desk has that account, strategy or symbol."""
        return limit_use.is_known(scope_kind, scope_key)

    @admin.display(description="in use")
    def use(self, row: Limit) -> SafeString | str:
        """A bar: of the account that uses most of it, where the limit is in force."""
        part: Decimal | None = getattr(row, "part_used", None)
        return "" if part is None else _bar(part)

    @admin.display(description="until")
    def until(self, row: Limit) -> str:
        """The end of a temporary value, and what returns then."""
        if row.expires_at is None or row.returns_to is None:
            return ""
        over = " (over)" if row.expires_at <= timezone.now() else ""
        return f"{row.expires_at:%Y-%m-%d %H:%M} UTC, then {row.returns_to.normalize():f}{over}"


def _part(row: Limit, used: dict[str, dict[str, Decimal]], now: datetime) -> Decimal | None:
    if row.active_to is not None or row.scope_kind not in ("firm", "account"):
        return None
    reached = (row.scope_key,) if row.scope_kind == "account" else tuple(used)
    parts = [limit_use.of_limit(row, used.get(number, {}), now=now) for number in reached]
    return max((part for part in parts if part is not None), default=None)


def _measured() -> dict[str, dict[str, Decimal]]:
    """Account number -> what it uses, by limit name; at the venue's instant of its last pass."""
    return {
        account.number: limit_use.measure(account, market_now=_market_now(account))
        for account in Account.objects.filter(active=True)
    }


def _market_now(account: Account) -> datetime:
    newest = EnginePass.objects.filter(account=account).order_by("-bar_at").values_list("bar_at", flat=True).first()
    return newest or timezone.now()


def _bar(part: Decimal) -> SafeString:
    width = min(part, Decimal(1)) * 100
    colour = next(colour for least, colour in COLOURS if part >= least)
    return format_html(
        '<svg width="90" height="6" role="img" aria-label="{} % used"><rect width="90" height="6" rx="3" fill="#8883"/>'
        '<rect width="{}" height="6" rx="3" fill="{}"/></svg> {} %',
        f"{part * 100:.0f}", f"{width * Decimal('0.9'):.0f}", colour, f"{part * 100:.0f}",
    )  # fmt: skip
