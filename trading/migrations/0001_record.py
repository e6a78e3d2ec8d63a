import django.core.serializers.json
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import simple_history.models
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("audit", "0001_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(help_text="The broker's account number.", max_length=32, unique=True)),
                ("name", models.CharField(help_text="What the desk calls it.", max_length=64)),
                (
                    "mode",
                    models.CharField(choices=[("paper", "paper"), ("live", "live")], editable=False, max_length=8),
                ),
                (
                    "active",
                    models.BooleanField(default=True, help_text="The engine makes passes for active accounts only."),
                ),
                (
                    "trade_interval_minutes",
                    models.PositiveSmallIntegerField(default=1, help_text="Minutes between two decisions."),
                ),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("mode__in", ["paper", "live"])), name="account_mode_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("trade_interval_minutes__gte", 1), ("trade_interval_minutes__lte", 390)),
                        name="account_trade_interval_within_a_session",
                    ),
                    models.UniqueConstraint(fields=("id", "mode"), name="account_id_mode"),
                ],
            },
        ),
        migrations.CreateModel(
            name="BrokerBudget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.CharField(help_text="Account number.", max_length=32)),
                ("host", models.CharField(max_length=255)),
                ("limit", models.PositiveIntegerField(help_text="Requests a minute, as the broker last told.")),
                ("tokens", models.DecimalField(decimal_places=4, max_digits=14)),
                ("filled_at", models.DateTimeField(help_text="When tokens were last added.")),
                (
                    "window_ends_at",
                    models.DateTimeField(help_text="When the broker counts anew; empty when never told.", null=True),
                ),
                (
                    "window_left",
                    models.PositiveIntegerField(default=0, help_text="Of the broker's window, not yet granted."),
                ),
                (
                    "stopped_until",
                    models.DateTimeField(help_text="The broker answered 429: nothing ordinary before this.", null=True),
                ),
                (
                    "probed_at",
                    models.DateTimeField(help_text="When an urgent call last went through a stop.", null=True),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("account", "host"), name="broker_budget_once"),
                    models.CheckConstraint(condition=models.Q(("limit__gt", 0)), name="broker_budget_has_a_limit"),
                    models.CheckConstraint(
                        condition=models.Q(("tokens__gte", 0)), name="broker_budget_is_not_overdrawn"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="daily_reports", to="trading.account"
                    ),
                ),
                ("session_date", models.DateField()),
                ("figures", models.JSONField()),
                ("books_equal_broker", models.BooleanField()),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("account", "session_date"), name="daily_report_once")],
            },
        ),
        migrations.CreateModel(
            name="EnginePass",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="passes", to="trading.account"
                    ),
                ),
                ("bar_at", models.DateTimeField(help_text="Start of the bar it judged.")),
                ("session_date", models.DateField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("running", "running"),
                            ("done", "done"),
                            ("skipped", "skipped"),
                            ("failed", "failed"),
                        ],
                        default="running",
                        max_length=8,
                    ),
                ),
                ("note", models.TextField(blank=True, help_text="Why it was skipped or failed.")),
                ("signals", models.PositiveIntegerField(default=0)),
                ("approved", models.PositiveIntegerField(default=0)),
                ("denied", models.PositiveIntegerField(default=0)),
                ("lease_token", models.BigIntegerField(default=0)),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name_plural": "engine passes",
                "indexes": [models.Index(fields=["account", "-started_at"], name="pass_latest")],
                "constraints": [models.UniqueConstraint(fields=("account", "bar_at"), name="pass_once_per_bar")],
            },
        ),
        migrations.CreateModel(
            name="EquityMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="equity_marks", to="trading.account"
                    ),
                ),
                ("mode", models.CharField(choices=[("paper", "paper"), ("live", "live")], max_length=8)),
                ("at", models.DateTimeField()),
                ("session_date", models.DateField()),
                ("equity", models.DecimalField(decimal_places=6, max_digits=20)),
                ("cash", models.DecimalField(decimal_places=6, max_digits=20)),
                ("realised_pnl", models.DecimalField(decimal_places=6, help_text="This session.", max_digits=20)),
                ("unrealised_pnl", models.DecimalField(decimal_places=6, max_digits=20)),
                ("day_pnl", models.DecimalField(decimal_places=6, max_digits=20)),
                ("drawdown", models.DecimalField(decimal_places=6, help_text="Fraction below the peak.", max_digits=9)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("account", "at"), name="equity_mark_once")],
            },
        ),
        migrations.CreateModel(
            name="HistoricalAccount",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("number", models.CharField(db_index=True, help_text="The broker's account number.", max_length=32)),
                ("name", models.CharField(help_text="What the desk calls it.", max_length=64)),
                (
                    "mode",
                    models.CharField(choices=[("paper", "paper"), ("live", "live")], editable=False, max_length=8),
                ),
                (
                    "active",
                    models.BooleanField(default=True, help_text="The engine makes passes for active accounts only."),
                ),
                (
                    "trade_interval_minutes",
                    models.PositiveSmallIntegerField(default=1, help_text="Minutes between two decisions."),
                ),
                ("created_at", models.DateTimeField()),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical account",
                "verbose_name_plural": "historical accounts",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalStrategy",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("name", models.CharField(max_length=64)),
                ("rule", models.CharField(help_text="Name of the rule in the registry.", max_length=64)),
                ("parameters", models.JSONField(blank=True, default=dict)),
                ("symbols", models.JSONField(default=list, help_text="Symbols it may trade.")),
                (
                    "risk_fraction",
                    models.DecimalField(
                        decimal_places=5, help_text="Equity risked per trade (0.001 is 0.1 %).", max_digits=6
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("active", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="trading.account",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical strategy",
                "verbose_name_plural": "historical strategies",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Instrument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("symbol", models.CharField(max_length=16, unique=True)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("exchange", models.CharField(blank=True, max_length=16)),
                ("sector", models.CharField(blank=True, max_length=64)),
                ("tradable", models.BooleanField(default=False)),
                ("leveraged", models.BooleanField(help_text="Leveraged or inverse; empty when not known.", null=True)),
                (
                    "restricted_until",
                    models.DateField(blank=True, help_text="No entries up to and including this day.", null=True),
                ),
                ("restricted_reason", models.CharField(blank=True, max_length=200)),
                (
                    "average_volume",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="Shares per session over the last 20 sessions.",
                        max_digits=20,
                        null=True,
                    ),
                ),
                ("average_volume_date", models.DateField(help_text="Last session in that average.", null=True)),
                ("checked_at", models.DateTimeField(help_text="When the broker last described it.", null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Bar",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bars", to="trading.instrument"
                    ),
                ),
                ("timeframe", models.CharField(choices=[("1Min", "one minute"), ("1Day", "one day")], max_length=8)),
                ("start_at", models.DateTimeField()),
                ("open", models.DecimalField(decimal_places=6, max_digits=20)),
                ("high", models.DecimalField(decimal_places=6, max_digits=20)),
                ("low", models.DecimalField(decimal_places=6, max_digits=20)),
                ("close", models.DecimalField(decimal_places=6, max_digits=20)),
                ("volume", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("instrument", "timeframe", "start_at"), name="bar_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("low__gt", 0),
                            ("close__gte", models.F("low")),
                            ("close__lte", models.F("high")),
                            ("open__gte", models.F("low")),
                            ("open__lte", models.F("high")),
                        ),
                        name="bar_prices_within_low_and_high",
                    ),
                    models.CheckConstraint(condition=models.Q(("volume__gte", 0)), name="bar_volume_not_negative"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Position",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="positions", to="trading.account"
                    ),
                ),
                ("mode", models.CharField(choices=[("paper", "paper"), ("live", "live")], max_length=8)),
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trading.instrument"
                    ),
                ),
                ("quantity", models.DecimalField(decimal_places=9, default=0, max_digits=20)),
                ("average_price", models.DecimalField(decimal_places=6, default=0, max_digits=20)),
                (
                    "realised_pnl",
                    models.DecimalField(
                        decimal_places=6, default=0, help_text="USD, since the first fill.", max_digits=20
                    ),
                ),
                ("updated_at", models.DateTimeField()),
                (
                    "naked_since",
                    models.DateTimeField(help_text="Seen without a live stop since then; wall clock.", null=True),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("account", "instrument"), name="position_once")],
            },
        ),
        migrations.CreateModel(
            name="PreflightRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="preflights", to="trading.account"
                    ),
                ),
                ("mode", models.CharField(max_length=8)),
                ("passed", models.BooleanField()),
                ("items", models.JSONField()),
                ("build", models.CharField(max_length=64)),
                ("by", models.CharField(max_length=150)),
                ("ran_at", models.DateTimeField()),
                ("seconds", models.DecimalField(decimal_places=3, max_digits=8)),
            ],
            options={
                "indexes": [models.Index(fields=["account", "-ran_at"], name="preflight_latest")],
            },
        ),
        migrations.CreateModel(
            name="LiveArming",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="armings", to="trading.account"
                    ),
                ),
                ("request_id", models.UUIDField(help_text="The executed change request.", unique=True)),
                (
                    "preflight",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trading.preflightrun"
                    ),
                ),
                ("fingerprint", models.CharField(max_length=64)),
                ("armed_by", models.CharField(max_length=150)),
                ("armed_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoked_because", models.TextField(blank=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None)),
                        fields=("account",),
                        name="arming_one_open_per_account",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProcessHeartbeat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("process", models.CharField(help_text="web, worker, beat, stream, watchdog", max_length=32)),
                ("instance", models.CharField(help_text="host:pid", max_length=128, unique=True)),
                ("build", models.CharField(max_length=64)),
                ("started_at", models.DateTimeField()),
                ("beat_at", models.DateTimeField(help_text="When it last said it is alive.")),
                ("worked_at", models.DateTimeField(help_text="When it last finished a piece of work.", null=True)),
                ("note", models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="ReconciliationRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reconciliations",
                        to="trading.account",
                    ),
                ),
                (
                    "kind",
                    models.CharField(choices=[("continuous", "continuous"), ("close", "end of day")], max_length=12),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[("clean", "equal"), ("breaks", "differs"), ("unreadable", "broker not readable")],
                        max_length=12,
                    ),
                ),
                ("positions", models.PositiveIntegerField(default=0)),
                ("orders", models.PositiveIntegerField(default=0)),
                ("cash_difference", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
                ("note", models.TextField(blank=True)),
                ("session_date", models.DateField()),
                ("ran_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["account", "-ran_at"], name="reconciliation_latest")],
            },
        ),
        migrations.CreateModel(
            name="ReconciliationBreak",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="breaks", to="trading.account"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="breaks",
                        to="trading.reconciliationrun",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("position", "position"), ("order", "order"), ("cash", "cash"), ("fill", "fill")],
                        max_length=8,
                    ),
                ),
                ("subject", models.CharField(help_text="Symbol, broker order id, or cash.", max_length=128)),
                ("symbol", models.CharField(blank=True, max_length=16)),
                ("expected", models.CharField(help_text="By our books.", max_length=200)),
                ("seen", models.CharField(help_text="At the broker.", max_length=200)),
                ("evidence", models.JSONField(default=dict)),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "open"), ("resolved", "resolved")], default="open", max_length=8
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("resolved_at", models.DateTimeField(null=True)),
                ("resolved_by", models.CharField(blank=True, max_length=150)),
                ("resolution", models.TextField(blank=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "open")),
                        fields=("account", "kind", "subject"),
                        name="break_one_open_per_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("resolved_at", None), ("status", "open")),
                            models.Q(("resolved_at__isnull", False), ("status", "resolved")),
                            _connector="OR",
                        ),
                        name="break_resolved_with_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportSignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "report",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="signature", to="trading.dailyreport"
                    ),
                ),
                ("signed_by", models.CharField(max_length=150)),
                ("signed_at", models.DateTimeField(help_text="Wall clock.")),
                (
                    "digest",
                    models.CharField(help_text="SHA-256 over the report as it was signed, RFC 8785.", max_length=64),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Strategy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="strategies", to="trading.account"
                    ),
                ),
                ("name", models.CharField(max_length=64)),
                ("rule", models.CharField(help_text="Name of the rule in the registry.", max_length=64)),
                ("parameters", models.JSONField(blank=True, default=dict)),
                ("symbols", models.JSONField(default=list, help_text="Symbols it may trade.")),
                (
                    "risk_fraction",
                    models.DecimalField(
                        decimal_places=5, help_text="Equity risked per trade (0.001 is 0.1 %).", max_digits=6
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("active", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "strategies",
                "constraints": [
                    models.UniqueConstraint(fields=("account", "name"), name="strategy_name_once_per_account"),
                    models.CheckConstraint(
                        condition=models.Q(("risk_fraction__gt", 0), ("risk_fraction__lte", "0.02")),
                        name="strategy_risk_fraction_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Signal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "strategy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="signals", to="trading.strategy"
                    ),
                ),
                ("strategy_version", models.PositiveIntegerField()),
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trading.instrument"
                    ),
                ),
                ("bar_at", models.DateTimeField(help_text="Start of the bar that gave it.")),
                ("session_date", models.DateField()),
                ("direction", models.CharField(help_text="long or flat", max_length=8)),
                ("strength", models.DecimalField(decimal_places=4, max_digits=6)),
                ("reason", models.CharField(max_length=300)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["created_at"], name="signal_latest")],
                "constraints": [
                    models.UniqueConstraint(fields=("strategy", "instrument", "bar_at"), name="signal_once_per_bar")
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderIntent",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="intents", to="trading.account"
                    ),
                ),
                ("mode", models.CharField(choices=[("paper", "paper"), ("live", "live")], max_length=8)),
                (
                    "strategy",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="intents",
                        to="trading.strategy",
                    ),
                ),
                (
                    "signal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="intents",
                        to="trading.signal",
                    ),
                ),
                (
                    "earlier_attempt",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="later_attempts",
                        to="trading.orderintent",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trading.instrument"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("entry", "entry"),
                            ("exit", "exit"),
                            ("stop", "protective stop"),
                            ("target", "take profit"),
                            ("flatten", "flatten"),
                            ("adjust", "adjusting entry"),
                        ],
                        max_length=8,
                    ),
                ),
                ("side", models.CharField(choices=[("buy", "buy"), ("sell", "sell")], max_length=4)),
                ("quantity", models.DecimalField(decimal_places=9, max_digits=20)),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("market", "market"),
                            ("limit", "limit"),
                            ("stop", "stop"),
                            ("stop_limit", "stop limit"),
                            ("trailing_stop", "trailing stop"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "time_in_force",
                    models.CharField(
                        choices=[
                            ("day", "day"),
                            ("gtc", "good till canceled"),
                            ("opg", "at the open"),
                            ("cls", "at the close"),
                            ("ioc", "immediate or cancel"),
                            ("fok", "fill or kill"),
                        ],
                        max_length=4,
                    ),
                ),
                (
                    "order_class",
                    models.CharField(
                        choices=[
                            ("simple", "simple"),
                            ("bracket", "bracket"),
                            ("oco", "one cancels other"),
                            ("oto", "one triggers other"),
                        ],
                        default="simple",
                        max_length=8,
                    ),
                ),
                ("limit_price", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
                ("stop_price", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
                ("take_profit_price", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
                ("stop_loss_price", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
                (
                    "reference_price",
                    models.DecimalField(
                        decimal_places=6, help_text="Mid of the quote it was decided on.", max_digits=20, null=True
                    ),
                ),
                ("approved", models.BooleanField()),
                ("denial_code", models.CharField(blank=True, max_length=48)),
                ("denial_sentence", models.TextField(blank=True)),
                (
                    "verdict",
                    models.JSONField(default=dict, help_text="Every denial with what it saw and what it allowed."),
                ),
                ("inputs", models.JSONField(default=dict, help_text="What the gate read.")),
                (
                    "limit_versions",
                    models.JSONField(default=dict, help_text="Limit name and scope -> version in force."),
                ),
                ("build", models.CharField(blank=True, max_length=64)),
                ("by", models.CharField(help_text="The strategy's or the person's name.", max_length=150)),
                ("pass_id", models.CharField(blank=True, max_length=36)),
                ("session_date", models.DateField()),
                ("decided_at", models.DateTimeField(help_text="By the venue's clock.")),
                ("created_at", models.DateTimeField(help_text="By the wall clock.")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["account", "-decided_at"], name="intent_blotter"),
                    models.Index(fields=["account", "session_date", "purpose"], name="intent_day_count"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("quantity__gt", 0)), name="intent_quantity_positive"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approved", True), ("denial_code", "")),
                            models.Q(("approved", False), models.Q(("denial_code", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="intent_denial_code_exactly_when_denied",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("approved", True)),
                        fields=("signal",),
                        name="intent_one_approved_per_signal",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "intent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="trading.orderintent"
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="legs", to="trading.order"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="trading.account"
                    ),
                ),
                ("mode", models.CharField(choices=[("paper", "paper"), ("live", "live")], max_length=8)),
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trading.instrument"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("entry", "entry"),
                            ("exit", "exit"),
                            ("stop", "protective stop"),
                            ("target", "take profit"),
                            ("flatten", "flatten"),
                            ("adjust", "adjusting entry"),
                        ],
                        max_length=8,
                    ),
                ),
                ("side", models.CharField(choices=[("buy", "buy"), ("sell", "sell")], max_length=4)),
                ("quantity", models.DecimalField(decimal_places=9, max_digits=20)),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("market", "market"),
                            ("limit", "limit"),
                            ("stop", "stop"),
                            ("stop_limit", "stop limit"),
                            ("trailing_stop", "trailing stop"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "time_in_force",
                    models.CharField(
                        choices=[
                            ("day", "day"),
                            ("gtc", "good till canceled"),
                            ("opg", "at the open"),
                            ("cls", "at the close"),
                            ("ioc", "immediate or cancel"),
                            ("fok", "fill or kill"),
                        ],
                        max_length=4,
                    ),
                ),
                (
                    "order_class",
                    models.CharField(
                        choices=[
                            ("simple", "simple"),
                            ("bracket", "bracket"),
                            ("oco", "one cancels other"),
                            ("oto", "one triggers other"),
                        ],
                        default="simple",
                        max_length=8,
                    ),
                ),
                ("limit_price", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
                ("stop_price", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
                ("client_order_id", models.CharField(max_length=128, unique=True)),
                ("broker_order_id", models.CharField(max_length=64, null=True, unique=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("approved", "approved"),
                            ("submitted", "submitted"),
                            ("unknown", "unknown"),
                            ("accepted", "accepted"),
                            ("held", "held"),
                            ("partially_filled", "partly filled"),
                            ("pending_cancel", "cancel requested"),
                            ("pending_replace", "replace requested"),
                            ("filled", "filled"),
                            ("canceled", "canceled"),
                            ("expired", "expired"),
                            ("rejected", "rejected"),
                            ("replaced", "replaced"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="approved",
                        max_length=20,
                    ),
                ),
                ("broker_status", models.CharField(blank=True, help_text="The broker's own word.", max_length=32)),
                ("reason", models.TextField(blank=True, help_text="Why it was rejected or withdrawn.")),
                ("filled_quantity", models.DecimalField(decimal_places=9, default=0, max_digits=20)),
                ("filled_average_price", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
                ("booked_quantity", models.DecimalField(decimal_places=9, default=0, max_digits=20)),
                ("session_date", models.DateField()),
                ("created_at", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "asked_at",
                    models.DateTimeField(help_text="When the broker was last asked what became of it.", null=True),
                ),
                ("times_asked", models.PositiveIntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("status__in", ("canceled", "expired", "filled", "rejected", "replaced", "withdrawn")),
                            _negated=True,
                        ),
                        fields=["account", "instrument"],
                        name="order_working",
                    ),
                    models.Index(fields=["account", "-created_at"], name="order_blotter"),
                    models.Index(
                        condition=models.Q(("booked_quantity__lt", models.F("filled_quantity"))),
                        fields=["account"],
                        name="order_fill_missing",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("parent", None)), fields=("intent",), name="order_one_root_per_intent"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("filled_quantity__gte", 0),
                            ("filled_quantity__lte", models.F("quantity")),
                            ("quantity__gt", 0),
                        ),
                        name="order_filled_between_zero_and_quantity",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("booked_quantity__gte", 0), ("booked_quantity__lte", models.F("quantity"))),
                        name="order_booked_between_zero_and_quantity",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("limit_price__isnull", False), ("type__in", ("limit", "stop_limit"))),
                            models.Q(
                                models.Q(("type__in", ("limit", "stop_limit")), _negated=True),
                                ("limit_price__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="order_limit_price_exactly_for_limit_types",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "approved",
                                    "submitted",
                                    "unknown",
                                    "accepted",
                                    "held",
                                    "partially_filled",
                                    "pending_cancel",
                                    "pending_replace",
                                    "filled",
                                    "canceled",
                                    "expired",
                                    "rejected",
                                    "replaced",
                                    "withdrawn",
                                ],
                            )
                        ),
                        name="order_status_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Fill",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="fills", to="trading.order"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="fills", to="trading.account"
                    ),
                ),
                ("mode", models.CharField(choices=[("paper", "paper"), ("live", "live")], max_length=8)),
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trading.instrument"
                    ),
                ),
                ("side", models.CharField(choices=[("buy", "buy"), ("sell", "sell")], max_length=4)),
                ("quantity", models.DecimalField(decimal_places=9, max_digits=20)),
                ("price", models.DecimalField(decimal_places=6, max_digits=20)),
                ("cumulative_quantity", models.DecimalField(decimal_places=9, max_digits=20)),
                ("filled_at", models.DateTimeField(help_text="The broker's instant of the execution.")),
                ("session_date", models.DateField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["account", "-filled_at"], name="fill_latest")],
                "constraints": [
                    models.UniqueConstraint(fields=("order", "cumulative_quantity"), name="fill_once"),
                    models.CheckConstraint(
                        condition=models.Q(("price__gt", 0), ("quantity__gt", 0)), name="fill_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cumulative_quantity__gte", models.F("quantity"))),
                        name="fill_cumulative_includes_it",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AdjustingEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adjusting_entries",
                        to="trading.account",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adjusting_entries",
                        to="trading.reconciliationbreak",
                    ),
                ),
                ("request_id", models.UUIDField(help_text="The executed change request.")),
                (
                    "order",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adjusting_entry",
                        to="trading.order",
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        help_text="The fill that the broker declared void.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversal",
                        to="trading.fill",
                    ),
                ),
                (
                    "cash",
                    models.DecimalField(
                        decimal_places=6,
                        default=0,
                        help_text="USD added to the ledger, beside what shares cost.",
                        max_digits=20,
                    ),
                ),
                ("reason", models.TextField()),
                ("booked_by", models.CharField(max_length=150)),
                ("booked_at", models.DateTimeField(help_text="Wall clock.")),
            ],
            options={
                "verbose_name_plural": "adjusting entries",
            },
        ),
        migrations.CreateModel(
            name="FillSighting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "fill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sightings", to="trading.fill"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("stream", "trade updates"), ("activity", "account activities")], max_length=8
                    ),
                ),
                ("broker_fill_id", models.CharField(max_length=128)),
                ("heard_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("source", "broker_fill_id"), name="fill_sighting_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Lot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lots", to="trading.account"
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trading.instrument"
                    ),
                ),
                (
                    "opening_fill",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lot", to="trading.fill"
                    ),
                ),
                (
                    "quantity",
                    models.DecimalField(
                        decimal_places=9, help_text="Signed: negative for shares sold short.", max_digits=20
                    ),
                ),
                ("remaining", models.DecimalField(decimal_places=9, max_digits=20)),
                ("price", models.DecimalField(decimal_places=6, max_digits=20)),
                ("opened_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("remaining", 0), _negated=True),
                        fields=["account", "instrument", "opened_at"],
                        name="lot_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("quantity__gt", 0), ("remaining__gte", 0), ("remaining__lte", models.F("quantity"))
                            ),
                            models.Q(
                                ("quantity__lt", 0), ("remaining__gte", models.F("quantity")), ("remaining__lte", 0)
                            ),
                            _connector="OR",
                        ),
                        name="lot_remaining_within_quantity",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LotClosing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "lot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="closings", to="trading.lot"
                    ),
                ),
                (
                    "closing_fill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="closings", to="trading.fill"
                    ),
                ),
                ("quantity", models.DecimalField(decimal_places=9, max_digits=20)),
                ("realised_pnl", models.DecimalField(decimal_places=6, max_digits=20)),
                ("closed_at", models.DateTimeField()),
                ("session_date", models.DateField()),
            ],
            options={
                "indexes": [models.Index(fields=["session_date"], name="lot_closing_day")],
                "constraints": [models.UniqueConstraint(fields=("lot", "closing_fill"), name="lot_closing_once")],
            },
        ),
        migrations.CreateModel(
            name="StreamMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stream_messages",
                        to="trading.account",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "not applied yet"),
                            ("applied", "applied"),
                            ("poison", "cannot be applied; kept and passed over"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                (
                    "body",
                    models.JSONField(
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                        help_text="As it came, or its text where it is no JSON.",
                    ),
                ),
                ("outcome", models.TextField(blank=True, help_text="What it led to, or why it could not be applied.")),
                ("received_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["account", "id"],
                        name="stream_message_waiting",
                    ),
                    models.Index(condition=models.Q(("state", "poison")), fields=["-id"], name="stream_message_poison"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at", None), ("state", "waiting")),
                            models.Q(models.Q(("state", "waiting"), _negated=True), ("done_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="stream_message_done_when_not_waiting",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AccountLease",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="lease",
                        serialize=False,
                        to="trading.account",
                    ),
                ),
                ("holder", models.CharField(blank=True, max_length=128)),
                ("token", models.BigIntegerField(default=0)),
                ("expires_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="AccountState",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="state",
                        serialize=False,
                        to="trading.account",
                    ),
                ),
                (
                    "figures_at",
                    models.DateTimeField(help_text="When the broker's figures were read; empty when never.", null=True),
                ),
                (
                    "pinned_number",
                    models.CharField(
                        blank=True, help_text="Account number the keys were proved to open.", max_length=32
                    ),
                ),
                ("status", models.CharField(blank=True, max_length=32)),
                ("cash", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
                ("equity", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
                (
                    "last_equity",
                    models.DecimalField(
                        decimal_places=6, help_text="Broker equity at the previous close.", max_digits=20, null=True
                    ),
                ),
                ("buying_power", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
                ("long_market_value", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
                ("intraday_adjustments", models.DecimalField(decimal_places=6, default=0, max_digits=20)),
                ("trading_blocked", models.BooleanField(default=False)),
                ("account_blocked", models.BooleanField(default=False)),
                ("trade_suspended", models.BooleanField(default=False)),
                ("shorting_enabled", models.BooleanField(default=True)),
                (
                    "ledger_cash",
                    models.DecimalField(
                        decimal_places=6,
                        help_text="Cash by our own books: opening cash and every fill since.",
                        max_digits=20,
                        null=True,
                    ),
                ),
                ("ledger_opened_at", models.DateTimeField(null=True)),
                ("peak_equity", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
                (
                    "heard_at",
                    models.DateTimeField(
                        help_text="Fills could be heard until here: the place healing starts from.", null=True
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Hearing",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="hearing",
                        serialize=False,
                        to="trading.account",
                    ),
                ),
                ("holder", models.CharField(help_text="host:pid", max_length=128)),
                ("expires_at", models.DateTimeField()),
                ("heard_from", models.DateTimeField(help_text="Empty while nothing is heard.", null=True)),
            ],
        ),
        migrations.CreateModel(
            name="LossTrack",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="loss_track",
                        serialize=False,
                        to="trading.account",
                    ),
                ),
                ("session_date", models.DateField()),
                (
                    "base_equity",
                    models.DecimalField(
                        decimal_places=6, help_text="Broker equity at the close before the session.", max_digits=20
                    ),
                ),
                (
                    "transfers",
                    models.DecimalField(
                        decimal_places=6, help_text="Paid in less paid out since that close.", max_digits=20
                    ),
                ),
                ("closed", models.DecimalField(decimal_places=12, max_digits=24)),
                ("index", models.DecimalField(decimal_places=12, max_digits=24)),
                ("week", models.DateField(help_text="Monday of the session's week.")),
                (
                    "week_index",
                    models.DecimalField(
                        decimal_places=12, help_text="Index at the close before that week.", max_digits=24
                    ),
                ),
                ("peak_index", models.DecimalField(decimal_places=12, max_digits=24)),
                ("peak_date", models.DateField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("base_equity__gt", 0),
                            ("closed__gt", 0),
                            ("index__gt", 0),
                            ("peak_index__gt", 0),
                            ("week_index__gt", 0),
                        ),
                        name="loss_track_is_above_zero",
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dailyreport",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="dcfb615e1978cf2d8e0ecba7b94480cab761cbb9",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_dad5b",
                    table="trading_dailyreport",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dailyreport",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="4c8b5c9aebc1518b858b3cc5948cfca921b84a21",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_2c610",
                    table="trading_dailyreport",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="fillsighting",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="6b2abf3b14bc6e483d068fad4352813d5d1bf37b",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_3f043",
                    table="trading_fillsighting",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="fillsighting",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="3adbed6626a90f845d39b15ab30aa4b3abd8a3cb",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_b3ee3",
                    table="trading_fillsighting",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="historicalaccount",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a1fe9520bc5388344a3dbdf566f39cf20736e1f1",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_8b5da",
                    table="trading_historicalaccount",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="historicalaccount",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="5203b5b5f6dc8672e427706df3b43adcd6267874",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_be752",
                    table="trading_historicalaccount",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="historicalstrategy",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="d3a3b4461a5b54e3dd5aad16c38779ba3f29d9d7",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_a2848",
                    table="trading_historicalstrategy",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="historicalstrategy",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="83fbe24206f97eefeba91c984e6a19ff38832a35",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_5c1dd",
                    table="trading_historicalstrategy",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lotclosing",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="62cc1f57f5fcfbe77e5750b05a1ad38cfbdc15e2",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_5ff45",
                    table="trading_lotclosing",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lotclosing",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="81a792a4125fcb3f9fd2a27d3d0c82d4a1dba031",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_3768e",
                    table="trading_lotclosing",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="fill",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="91d78a76c3ff57793937d75caf1b49fa2fd043f7",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_fde6b",
                    table="trading_fill",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="fill",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="5b6dd3809ad8b8c20f85cb126895cb826311070e",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_a7548",
                    table="trading_fill",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_legal_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{approved:submitted,approved:withdrawn,submitted:accepted,submitted:canceled,submitted:expired,submitted:filled,submitted:held,submitted:partially_filled,submitted:pending_cancel,submitted:pending_replace,submitted:rejected,submitted:replaced,submitted:unknown,submitted:withdrawn,unknown:accepted,unknown:canceled,unknown:expired,unknown:filled,unknown:held,unknown:partially_filled,unknown:pending_cancel,unknown:pending_replace,unknown:rejected,unknown:replaced,unknown:withdrawn,accepted:canceled,accepted:expired,accepted:filled,accepted:held,accepted:partially_filled,accepted:pending_cancel,accepted:pending_replace,accepted:rejected,accepted:replaced,held:accepted,held:canceled,held:expired,held:filled,held:partially_filled,held:pending_cancel,held:pending_replace,held:rejected,held:replaced,partially_filled:canceled,partially_filled:expired,partially_filled:filled,partially_filled:pending_cancel,partially_filled:pending_replace,partially_filled:rejected,partially_filled:replaced,pending_cancel:accepted,pending_cancel:canceled,pending_cancel:expired,pending_cancel:filled,pending_cancel:partially_filled,pending_cancel:rejected,pending_cancel:replaced,pending_replace:accepted,pending_replace:canceled,pending_replace:expired,pending_replace:filled,pending_replace:partially_filled,pending_replace:pending_cancel,pending_replace:rejected,pending_replace:replaced,canceled:filled,expired:filled,replaced:filled,withdrawn:accepted,withdrawn:canceled,withdrawn:expired,withdrawn:filled,withdrawn:held,withdrawn:partially_filled,withdrawn:pending_cancel,withdrawn:pending_replace,withdrawn:rejected,withdrawn:replaced}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="eb607e3b5533c0b036d7455bc60f45b52a2eb6f9",
                    operation="UPDATE",
                    pgid="pgtrigger_order_legal_moves_7aba7",
                    table="trading_order",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_filled_never_shrinks",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."filled_quantity" < (OLD."filled_quantity"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="9d76faabf0127b82a748b465b7331982ccf4760b",
                    operation="UPDATE",
                    pgid="pgtrigger_order_filled_never_shrinks_17f0e",
                    table="trading_order",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="5f1ba6e4f67c740f69e77e2ed2c6d0c7df90d7f3",
                    operation="DELETE",
                    pgid="pgtrigger_order_never_deleted_6d20b",
                    table="trading_order",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_identity_fixed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."intent_id" IS DISTINCT FROM (NEW."intent_id") OR OLD."account_id" IS DISTINCT FROM (NEW."account_id") OR OLD."mode" IS DISTINCT FROM (NEW."mode") OR OLD."instrument_id" IS DISTINCT FROM (NEW."instrument_id") OR OLD."side" IS DISTINCT FROM (NEW."side") OR OLD."client_order_id" IS DISTINCT FROM (NEW."client_order_id") OR OLD."parent_id" IS DISTINCT FROM (NEW."parent_id"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="e0d75e65ecde19704f2301de6348ea36143d1b19",
                    operation="UPDATE",
                    pgid="pgtrigger_order_identity_fixed_2100e",
                    table="trading_order",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="preflightrun",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a008afdde19bda2516c963ac737a8ba4cc69b189",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_38959",
                    table="trading_preflightrun",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="preflightrun",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="056025237f15ffa27f44ff88b00617c532798362",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_7ab91",
                    table="trading_preflightrun",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="adjustingentry",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="5d43abe824fce797d44e339ad8ea639e42b19a97",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_89ee6",
                    table="trading_adjustingentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="adjustingentry",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="74da30d16281c2f6a489337f47b301446656bc7b",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_a34eb",
                    table="trading_adjustingentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reconciliationrun",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="d117f5582befd9867e6e8c97e9c4eafdf65f74d6",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_adfa6",
                    table="trading_reconciliationrun",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reconciliationrun",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="d6178e3a11c0a9f7a9bb8c5c7b2611a8bb22777b",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_82a60",
                    table="trading_reconciliationrun",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reportsignature",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="848019e2f517bfd5f18747ed3001a159d7569585",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_b0f9c",
                    table="trading_reportsignature",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reportsignature",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="ca5938d7440f9a8fd7edc20f5deeb827ea277666",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_d3a25",
                    table="trading_reportsignature",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="signal",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="2ffd9bd30dfb76cfc9c192a83c1ee9816da8a64a",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_b1c65",
                    table="trading_signal",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="signal",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="38604dc7d7d2bd43f2fe2f5f158cb0633ae6d341",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_b46b9",
                    table="trading_signal",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderintent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f8446864d6e952a21073928255e437ca553d75b0",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_6b10b",
                    table="trading_orderintent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderintent",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="204aa5d3673507abc018a57fb7dc456a9dc86c87",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_55345",
                    table="trading_orderintent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
