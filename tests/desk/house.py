"""What stands around the trades: equity, limits, events, processes, comparisons, checklists, reports, people."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import transaction

from audit import trail
from config import people as roles
from risk import limits, signoff_terms
from trading.models import (
    Account,
    DailyReport,
    EquityMark,
    PreflightRun,
    ProcessHeartbeat,
    ReconciliationBreak,
    ReconciliationRun,
)

ITEMS = (
    ("environment", "pass", "every variable is set and sound", ""),
    ("database and migrations", "pass", "the program's role, all migrations applied", ""),
    ("queue", "pass", "answers in 0.4 ms", ""),
    ("workers alive", "pass", "2 workers of build 3f2a91c, last work 0.6 s ago", ""),
    ("clock against the broker", "pass", "0.03 s apart", ""),
    ("credentials pinned to the account", "pass", "the keys open PA3X0DEMO", ""),
    ("market data fresh", "warning", "FB quoted 9 s ago", "Wait for the next quote, or look at the feed's status."),
    ("emergency stop exercised", "fail", "last exercised 9 days ago", "Run manage.py halt --exercise on the venue."),
    ("reconciliation clean", "pass", "4 positions, 5 orders, cash: equal", ""),
)


def person(name: str, role: str) -> User:
    """An account with a role, which `roles.grant_roles` has made before, and a second factor."""
    user = User.objects.create_user(name, password="a-long-enough-pass-word", is_staff=role != roles.VIEWER)
    user.groups.add(Group.objects.get(name=role))
    TOTP.activate(user, generate_totp_secret())
    return user


def code(user: User) -> str:
    """What the person's authenticator app shows now; one code counts once, so a test that needs two waits for none."""
    cache.clear()
    row = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    shown = hotp_value(decrypt(row.data["secret"]), next(yield_hotp_counters_from_time()))
    return str(format_hotp_value(shown))


def marks(account: Account, start: datetime, count: int, *, opening: str = "100000", end: str = "100182.37") -> None:
    """One mark a minute, wandering from the opening equity to the end."""
    draw, walk = random.Random(11), Decimal(0)
    first, last = Decimal(opening), Decimal(end)
    steps = [walk := walk + Decimal(draw.randint(-1400, 1400)) / 100 for _ in range(count)]
    rows, peak = [], first
    for index, step in enumerate(steps):
        part = Decimal(index + 1) / count
        equity = first + (last - first) * part + step - steps[-1] * part
        peak = max(peak, equity)
        rows.append(
            EquityMark(
                account=account,
                mode=account.mode,
                at=start + timedelta(minutes=index),
                session_date=start.date(),
                equity=equity,
                cash=Decimal("90600"),
                realised_pnl=Decimal("129.37") * part,
                unrealised_pnl=equity - first - Decimal("129.37") * part,
                day_pnl=equity - first,
                drawdown=(peak - equity) / peak,
            )
        )
    EquityMark.objects.bulk_create(rows)


def policy(now: datetime, symbols: list[str]) -> None:
    """The shipped policy with its allow-list, tightened once."""
    limits.install_policy(by="seed", now=now - timedelta(days=30), symbols=symbols)
    limits.tighten(
        name="gross_fraction", scope_kind="firm", scope_key="", value="0.14",
        reason="first weeks on paper", by="rita", now=now - timedelta(hours=2),
    )  # fmt: skip


def request(account: Account, by: User, now: datetime) -> None:
    """A loosening that waits for a second person."""
    limits.propose(
        name="gross_fraction", scope_kind="firm", scope_key="", value="0.30", by=by, now=now,
        reason="twelve clean sessions; the book is too small to learn from", place=signoff_terms.here(account.number),
    )  # fmt: skip


def processes(now: datetime, first: int = 4000) -> None:
    """Everything alive, the stream a little late; `first` is the lowest process id."""
    ages = {"web": 0.2, "worker": 0.6, "beat": 0.9, "stream": 17, "watchdog": 0.5, "venue": 0.4}
    for name, age in ages.items():
        for instance in range(2 if name == "worker" else 1):
            ProcessHeartbeat.objects.create(
                process=name,
                instance=f"{name}@desk:{first + instance}",
                build="3f2a91c",
                started_at=now - timedelta(hours=1),
                beat_at=now - timedelta(seconds=age),
                worked_at=now - timedelta(seconds=age + 1),
                note="Real daily bars of AAPL; their minutes are drawn by seed 7." if name == "venue" else "",
            )


def comparisons(account: Account, now: datetime, day: date) -> None:
    """A clean run, and an open break that an earlier run found."""
    found = ReconciliationRun.objects.create(
        account=account, kind="continuous", outcome="breaks", positions=4, orders=5, cash_difference=Decimal(0),
        note="1 difference confirmed", session_date=day, ran_at=now - timedelta(minutes=6),
    )  # fmt: skip
    ReconciliationBreak.objects.create(
        account=account, run=found, kind="position", subject="IBM", symbol="IBM", expected="14", seen="12",
        evidence={"first": {"ours": "14", "broker": "12"}, "second": {"ours": "14", "broker": "12"}},
        opened_at=now - timedelta(minutes=6),
    )  # fmt: skip
    ReconciliationRun.objects.create(
        account=account, kind="continuous", outcome="clean", positions=4, orders=5, cash_difference=Decimal(0),
        session_date=day, ran_at=now - timedelta(seconds=22),
    )  # fmt: skip


def preflight(account: Account, now: datetime) -> None:
    """One checklist that did not pass, after one that did."""
    for minutes, passed in ((70, True), (12, False)):
        items = [
            {"name": name, "result": "pass" if passed else result, "detail": detail, "remedy": "" if passed else remedy,
             "seconds": "0.012"}
            for name, result, detail, remedy in ITEMS
        ]  # fmt: skip
        PreflightRun.objects.create(
            account=account, mode=account.mode, passed=passed, items=items, build="3f2a91c", by="beat",
            ran_at=now - timedelta(minutes=minutes), seconds=Decimal("0.184"),
        )  # fmt: skip


def reports(account: Account, now: datetime, day: date, count: int = 12) -> None:
    """The sessions before, one of them with books that differed."""
    draw = random.Random(3)
    for index in range(count):
        pnl = Decimal(draw.randint(-21000, 24000)) / 100
        DailyReport.objects.create(
            account=account,
            session_date=day - timedelta(days=count - index),
            figures={
                "passes": 390, "signals": draw.randint(4, 19), "intents": draw.randint(3, 9),
                "denied": {"DUPLICATE_ORDER": 1, "SPREAD_TOO_WIDE": draw.randint(0, 3)}, "orders": 12, "fills": 7,
                "realised_pnl": f"{pnl:.2f}", "unrealised_pnl": "12.40", "day_pnl": f"{pnl + 12:.2f}",
                "equity": "100004.11", "cash": "91244.90", "positions": 3,
            },
            books_equal_broker=index != 7,
            created_at=now - timedelta(days=count - index),
        )  # fmt: skip


def events(account: Account, now: datetime, told: list[tuple[float, str, str, str]]) -> None:
    """Events of the account: seconds ago, word, sentence, intent."""
    for ago, event, sentence, intent in told:
        with transaction.atomic():
            trail.record(
                event=event, sentence=sentence, by="engine", now=now - timedelta(seconds=ago),
                account=account.number, mode=account.mode, intent=intent,
            )  # fmt: skip
