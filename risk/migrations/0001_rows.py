import audit.models.append_only
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import simple_history.models
import uuid
from decimal import Decimal
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
            name="Breach",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.CharField(max_length=64)),
                ("mode", models.CharField(blank=True, max_length=8)),
                ("strategy", models.CharField(blank=True, max_length=64)),
                ("symbol", models.CharField(blank=True, max_length=32)),
                ("code", models.CharField(max_length=48)),
                ("control", models.PositiveSmallIntegerField(help_text="number of the control in docs/controls.md")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("PREVENTED", "an order was denied before it broke the limit"),
                            ("WARNED", "seen at trade; a person is told, nothing was stopped"),
                            ("BROKEN", "the account stood beyond the limit"),
                        ],
                        max_length=9,
                    ),
                ),
                ("seen", models.CharField(max_length=200)),
                ("limit_name", models.CharField(max_length=48)),
                ("limit_value", models.CharField(max_length=64)),
                ("limit_version", models.PositiveIntegerField(null=True)),
                ("sentence", models.TextField()),
                ("done", models.TextField(help_text="what the program did about it")),
                ("session_date", models.DateField()),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("closed_by", models.CharField(blank=True, max_length=150)),
                ("closing_reason", models.TextField(blank=True)),
            ],
            options={
                "verbose_name_plural": "breaches",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at__isnull", True)),
                        fields=("account", "symbol", "code", "session_date"),
                        name="breach_one_open_per_session",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", True), ("closed_by", ""), ("closing_reason", "")),
                            models.Q(
                                ("closed_at__isnull", False),
                                models.Q(("closed_by", ""), _negated=True),
                                models.Q(("closing_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="breach_closed_by_someone_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=150, unique=True)),
                (
                    "active",
                    models.BooleanField(
                        default=True, help_text="an inactive person neither proposes nor votes, nor do old votes count"
                    ),
                ),
                (
                    "approves_from",
                    models.DateTimeField(
                        blank=True,
                        help_text="his or her votes count from then on; empty for someone who does not approve",
                        null=True,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "written_in",
                    models.BigIntegerField(
                        db_default=audit.models.append_only.CurrentTransaction(),
                        editable=False,
                        help_text="number of the transaction that wrote it",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "people",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="person_has_a_name")
                ],
            },
        ),
        migrations.CreateModel(
            name="ChangeRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(help_text="what sort of change, for instance limit.loosen", max_length=32)),
                ("target", models.CharField(help_text="what it changes", max_length=128)),
                (
                    "base_version",
                    models.CharField(help_text="the target's version it was written against", max_length=128),
                ),
                ("payload", models.JSONField(help_text="what is to hold afterwards, and the evidence")),
                (
                    "payload_hash",
                    models.CharField(
                        help_text="SHA-256 over the canonical JSON of everything asked for", max_length=64
                    ),
                ),
                ("policy_version", models.CharField(max_length=32)),
                ("environment", models.CharField(max_length=32)),
                ("account", models.CharField(blank=True, max_length=64)),
                ("build", models.CharField(max_length=64)),
                ("reason", models.TextField()),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="requests", to="risk.person"
                    ),
                ),
                ("requested_account", models.CharField(help_text="the account it was asked with", max_length=150)),
                ("requested_at", models.DateTimeField()),
                ("approval_expires_at", models.DateTimeField(help_text="silence until then is a refusal")),
                ("execution_expires_at", models.DateTimeField(help_text="an approval not used until then is void")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PENDING", "waits for another person"),
                            ("APPROVED", "approved, not yet executed"),
                            ("REJECTED", "declined"),
                            ("WITHDRAWN", "withdrawn"),
                            ("EXPIRED", "expired"),
                            ("EXECUTED", "executed"),
                        ],
                        default="PENDING",
                        max_length=9,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("id", "requested_by"), name="change_requester_is_copyable"),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ("PENDING", "APPROVED"))),
                        fields=("kind", "target"),
                        name="change_one_open_per_target",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="change_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("payload_hash__regex", "^[0-9a-f]{64}$")), name="change_hash_is_sha256"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approval_expires_at__gt", models.F("requested_at")),
                            ("execution_expires_at__gt", models.F("requested_at")),
                        ),
                        name="change_expires_after_its_request",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Execution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="execution", to="risk.changerequest"
                    ),
                ),
                ("payload_hash", models.CharField(max_length=64)),
                ("executed_by", models.CharField(max_length=150)),
                ("executed_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Halt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "scope_kind",
                    models.CharField(
                        choices=[
                            ("firm", "firm"),
                            ("account", "account"),
                            ("strategy", "strategy"),
                            ("symbol", "symbol"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "scope_key",
                    models.CharField(
                        blank=True, help_text="account, strategy or symbol; empty for the firm", max_length=64
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("H1", "no new entries"),
                            ("H2", "no new entries, entries canceled"),
                            ("H3", "flatten"),
                        ],
                        max_length=2,
                    ),
                ),
                ("reason", models.TextField()),
                ("engaged_by", models.CharField(max_length=150)),
                ("engaged_at", models.DateTimeField()),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                ("released_by", models.CharField(blank=True, max_length=150)),
                (
                    "release",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="released_halt",
                        to="risk.changerequest",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("released_at__isnull", True)),
                        fields=("scope_kind", "scope_key", "level"),
                        name="halt_one_open_per_scope_and_level",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("scope_key", ""), ("scope_kind", "firm")),
                            models.Q(
                                models.Q(("scope_kind", "firm"), _negated=True),
                                models.Q(("scope_key", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="halt_scope_key_fits_kind",
                    ),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="halt_has_a_reason"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("release__isnull", True), ("released_at__isnull", True), ("released_by", "")),
                            models.Q(
                                ("release__isnull", False),
                                ("released_at__isnull", False),
                                models.Q(("released_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="halt_release_is_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HaltReceipt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "halt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="receipts", to="risk.halt"
                    ),
                ),
                ("account", models.CharField(max_length=64)),
                (
                    "subject",
                    models.CharField(help_text="the order's client id, or position and symbol", max_length=128),
                ),
                ("action", models.CharField(help_text="cancel, close or suspend", max_length=16)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("CONFIRMED", "terminal at the broker"),
                            ("STILL_OPEN", "still open at the broker"),
                            ("UNKNOWN", "the broker gave no trustworthy answer"),
                        ],
                        max_length=10,
                    ),
                ),
                ("detail", models.TextField(blank=True, help_text="the broker's own words, or why it is still open")),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["halt", "subject", "-id"], name="receipt_by_halt_and_subject")],
            },
        ),
        migrations.CreateModel(
            name="HistoricalLimit",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "scope_kind",
                    models.CharField(
                        choices=[
                            ("firm", "firm"),
                            ("account", "account"),
                            ("strategy", "strategy"),
                            ("symbol", "symbol"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "scope_key",
                    models.CharField(
                        blank=True, help_text="account, strategy or symbol; empty for the firm", max_length=64
                    ),
                ),
                ("name", models.CharField(max_length=48)),
                ("value", models.DecimalField(decimal_places=6, max_digits=20)),
                (
                    "unit",
                    models.CharField(
                        choices=[
                            ("fraction", "fraction"),
                            ("usd", "USD"),
                            ("count", "count"),
                            ("seconds", "seconds"),
                            ("flag", "yes (1) or no (0)"),
                        ],
                        max_length=8,
                    ),
                ),
                ("version", models.PositiveIntegerField(help_text="counts up from 1 within one name and scope")),
                ("active_from", models.DateTimeField()),
                ("active_to", models.DateTimeField(blank=True, null=True)),
                (
                    "expires_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="end of a temporary value; from then on `returns_to` counts, by itself",
                        null=True,
                    ),
                ),
                ("returns_to", models.DecimalField(blank=True, decimal_places=6, max_digits=20, null=True)),
                (
                    "set_by",
                    models.CharField(
                        help_text="who set it: a user name, or the part of the program that did", max_length=150
                    ),
                ),
                ("reason", models.TextField()),
                (
                    "change",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="the approved request that loosened it; empty for a tightening",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="risk.changerequest",
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
                "verbose_name": "historical limit",
                "verbose_name_plural": "historical limits",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Limit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "scope_kind",
                    models.CharField(
                        choices=[
                            ("firm", "firm"),
                            ("account", "account"),
                            ("strategy", "strategy"),
                            ("symbol", "symbol"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "scope_key",
                    models.CharField(
                        blank=True, help_text="account, strategy or symbol; empty for the firm", max_length=64
                    ),
                ),
                ("name", models.CharField(max_length=48)),
                ("value", models.DecimalField(decimal_places=6, max_digits=20)),
                (
                    "unit",
                    models.CharField(
                        choices=[
                            ("fraction", "fraction"),
                            ("usd", "USD"),
                            ("count", "count"),
                            ("seconds", "seconds"),
                            ("flag", "yes (1) or no (0)"),
                        ],
                        max_length=8,
                    ),
                ),
                ("version", models.PositiveIntegerField(help_text="counts up from 1 within one name and scope")),
                ("active_from", models.DateTimeField()),
                ("active_to", models.DateTimeField(blank=True, null=True)),
                (
                    "expires_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="end of a temporary value; from then on `returns_to` counts, by itself",
                        null=True,
                    ),
                ),
                ("returns_to", models.DecimalField(blank=True, decimal_places=6, max_digits=20, null=True)),
                (
                    "set_by",
                    models.CharField(
                        help_text="who set it: a user name, or the part of the program that did", max_length=150
                    ),
                ),
                ("reason", models.TextField()),
                (
                    "change",
                    models.ForeignKey(
                        blank=True,
                        help_text="the approved request that loosened it; empty for a tightening",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="risk.changerequest",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("active_to__isnull", True)),
                        fields=("scope_kind", "scope_key", "name"),
                        name="limit_one_version_in_force",
                    ),
                    models.UniqueConstraint(
                        fields=("scope_kind", "scope_key", "name", "version"), name="limit_version_is_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("scope_key", ""), ("scope_kind", "firm")),
                            models.Q(
                                models.Q(("scope_kind", "firm"), _negated=True),
                                models.Q(("scope_key", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="limit_scope_key_fits_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("value__gte", 0), ("value__lt", 100000000000000)),
                        name="limit_value_is_a_number",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("active_to__isnull", True), ("active_to__gte", models.F("active_from")), _connector="OR"
                        ),
                        name="limit_ends_after_its_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="limit_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", "account_state_seconds"), ("value__lte", Decimal("120"))),
                            models.Q(("name", "position_fraction"), ("value__lte", Decimal("0.05"))),
                            models.Q(("name", "position_usd"), ("value__lte", Decimal("100000"))),
                            models.Q(("name", "order_fraction"), ("value__lte", Decimal("0.05"))),
                            models.Q(("name", "order_usd"), ("value__lte", Decimal("50000"))),
                            models.Q(("name", "gross_fraction"), ("value__lte", Decimal("1.00"))),
                            models.Q(("name", "gross_usd"), ("value__lte", Decimal("1000000"))),
                            models.Q(("name", "positions"), ("value__lte", Decimal("20"))),
                            models.Q(("name", "sector_fraction"), ("value__lte", Decimal("0.30"))),
                            models.Q(("name", "open_risk_fraction"), ("value__lte", Decimal("0.02"))),
                            models.Q(("name", "gap_fraction"), ("value__lte", Decimal("0.04"))),
                            models.Q(("name", "entries_day"), ("value__lte", Decimal("20"))),
                            models.Q(("name", "entries_symbol_day"), ("value__lte", Decimal("5"))),
                            models.Q(("name", "messages_minute"), ("value__lte", Decimal("30"))),
                            models.Q(("name", "messages_day"), ("value__lte", Decimal("500"))),
                            models.Q(("name", "collar_large_fraction"), ("value__lte", Decimal("0.03"))),
                            models.Q(("name", "collar_fraction"), ("value__lte", Decimal("0.05"))),
                            models.Q(("name", "drift_fraction"), ("value__lte", Decimal("0.10"))),
                            models.Q(("name", "market_entries"), ("value__lte", Decimal("1"))),
                            models.Q(("name", "quote_age_seconds"), ("value__lte", Decimal("15"))),
                            models.Q(("name", "spread_fraction"), ("value__lte", Decimal("0.02"))),
                            models.Q(("name", "volume_fraction"), ("value__lte", Decimal("0.02"))),
                            models.Q(("name", "price_floor_usd"), ("value__gte", Decimal("1"))),
                            models.Q(("name", "average_volume_usd"), ("value__gte", Decimal("1000000"))),
                            models.Q(("name", "allowed"), ("value__lte", Decimal("1"))),
                            models.Q(("name", "session_open_delay_seconds"), ("value__gte", Decimal("0"))),
                            models.Q(("name", "session_close_buffer_seconds"), ("value__gte", Decimal("60"))),
                            models.Q(("name", "duplicate_window_seconds"), ("value__gte", Decimal("10"))),
                            models.Q(("name", "stop_min_fraction"), ("value__gte", Decimal("0.0025"))),
                            models.Q(("name", "stop_max_fraction"), ("value__lte", Decimal("0.05"))),
                            models.Q(("name", "cash_buffer_fraction"), ("value__gte", Decimal("0"))),
                            models.Q(("name", "long_only"), ("value__gte", Decimal("1"))),
                            models.Q(("name", "day_loss_fraction"), ("value__lte", Decimal("0.02"))),
                            models.Q(("name", "unresolved_seconds"), ("value__lte", Decimal("300"))),
                            models.Q(("name", "naked_seconds"), ("value__lte", Decimal("60"))),
                            models.Q(("name", "day_loss_warn_fraction"), ("value__lte", Decimal("0.02"))),
                            models.Q(("name", "day_loss_flatten_fraction"), ("value__lte", Decimal("0.03"))),
                            models.Q(("name", "week_loss_fraction"), ("value__lte", Decimal("0.05"))),
                            models.Q(("name", "drawdown_fraction"), ("value__lte", Decimal("0.10"))),
                            models.Q(("name", "fills_in_a_row"), ("value__lte", Decimal("20"))),
                            models.Q(("name", "stops_in_a_row"), ("value__lte", Decimal("5"))),
                            models.Q(("name", "rejects_burst"), ("value__lte", Decimal("5"))),
                            models.Q(("name", "errors_burst"), ("value__lte", Decimal("10"))),
                            models.Q(("name", "slippage_fill_fraction"), ("value__lte", Decimal("0.02"))),
                            models.Q(("name", "slippage_mean_fraction"), ("value__lte", Decimal("0.01"))),
                            models.Q(("name", "compare_working_seconds"), ("value__lte", Decimal("30"))),
                            models.Q(("name", "compare_idle_seconds"), ("value__lte", Decimal("120"))),
                            models.Q(("name", "break_age_seconds"), ("value__lte", Decimal("900"))),
                            _connector="OR",
                        ),
                        name="limit_within_its_ceiling",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("expires_at__isnull", True), ("returns_to__isnull", True)),
                            models.Q(
                                ("expires_at__gt", models.F("active_from")),
                                ("returns_to__gte", 0),
                                ("returns_to__lt", 100000000000000),
                            ),
                            _connector="OR",
                        ),
                        name="limit_temporary_value_returns",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="accounts", to="risk.person"
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="person_account",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "usable_from",
                    models.DateTimeField(help_text="a newer account cannot propose or vote before this instant"),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "change",
                    models.ForeignKey(
                        help_text="the executed request; empty for those the desk began with",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="risk.changerequest",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Factor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="factors", to="risk.personaccount"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("webauthn", "security key"), ("totp", "authenticator app")], max_length=8
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=100)),
                (
                    "authenticator",
                    models.BigIntegerField(help_text="its number among the factors of signing in", unique=True),
                ),
                (
                    "credential_id",
                    models.CharField(blank=True, help_text="base64url; of a security key", max_length=1400),
                ),
                ("public_key", models.TextField(blank=True, help_text="COSE key, base64url; of a security key")),
                ("enrolled_at", models.DateTimeField()),
                ("usable_from", models.DateTimeField(help_text="it does not vote before this instant")),
                (
                    "founding",
                    models.BooleanField(default=False, help_text="the first factor of somebody the desk began with"),
                ),
                (
                    "change",
                    models.ForeignKey(
                        help_text="the executed request that admitted it to votes",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="risk.changerequest",
                    ),
                ),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "webauthn")),
                        fields=("credential_id",),
                        name="factor_key_belongs_to_one_account",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("credential_id", ""), ("kind", "totp"), ("public_key", "")),
                            models.Q(
                                ("kind", "webauthn"),
                                models.Q(("credential_id", ""), _negated=True),
                                models.Q(("public_key", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="factor_key_has_its_public_key",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyAdoption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.CharField(max_length=32)),
                ("digest", models.CharField(help_text="SHA-256 over the policy's canonical JSON", max_length=64)),
                ("content", models.JSONField(help_text="the policy itself, so that a later one can be compared")),
                ("adopted_at", models.DateTimeField()),
                ("holds_from", models.DateTimeField(help_text="loosening under it is possible from then on")),
                (
                    "change",
                    models.OneToOneField(
                        help_text="the executed request; empty for the one the desk began with",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="risk.changerequest",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")), name="adoption_digest_is_sha256"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Vote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="votes", to="risk.changerequest"
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="risk.person"),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="votes", to="risk.person"
                    ),
                ),
                ("decided_account", models.CharField(help_text="the account it was decided with", max_length=150)),
                ("decision", models.CharField(choices=[("APPROVE", "approve"), ("REJECT", "decline")], max_length=7)),
                ("payload_hash", models.CharField(max_length=64)),
                ("reason", models.TextField(blank=True)),
                ("auth_method", models.CharField(help_text="how the person proved presence", max_length=32)),
                ("auth_at", models.DateTimeField(help_text="when the proof was asked for", null=True)),
                (
                    "factor",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="votes", to="risk.factor"
                    ),
                ),
                (
                    "signature",
                    models.JSONField(
                        help_text="the whole assertion of a security key, or the seal of a code", null=True
                    ),
                ),
                (
                    "presented",
                    models.CharField(
                        help_text="what counts once: an assertion's nonce, a code's half minute",
                        max_length=120,
                        null=True,
                        unique=True,
                    ),
                ),
                ("decided_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("request", "decided_by"), name="vote_once_per_person"),
                    models.CheckConstraint(
                        condition=models.Q(("decided_by", models.F("requested_by")), _negated=True),
                        name="vote_by_another_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decision", "APPROVE"), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="vote_declines_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="person",
            name="change",
            field=models.ForeignKey(
                help_text="the executed request by which two people let him or her join, return or vote",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="risk.changerequest",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="breach",
            trigger=pgtrigger.compiler.Trigger(
                name="sighting_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."account" IS DISTINCT FROM (NEW."account") OR OLD."mode" IS DISTINCT FROM (NEW."mode") OR OLD."strategy" IS DISTINCT FROM (NEW."strategy") OR OLD."symbol" IS DISTINCT FROM (NEW."symbol") OR OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."control" IS DISTINCT FROM (NEW."control") OR OLD."stage" IS DISTINCT FROM (NEW."stage") OR OLD."seen" IS DISTINCT FROM (NEW."seen") OR OLD."limit_name" IS DISTINCT FROM (NEW."limit_name") OR OLD."limit_value" IS DISTINCT FROM (NEW."limit_value") OR OLD."limit_version" IS DISTINCT FROM (NEW."limit_version") OR OLD."sentence" IS DISTINCT FROM (NEW."sentence") OR OLD."done" IS DISTINCT FROM (NEW."done") OR OLD."session_date" IS DISTINCT FROM (NEW."session_date") OR OLD."opened_at" IS DISTINCT FROM (NEW."opened_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="f3a11cc5cee6d982b8a9980e4245267ae49fa72c",
                    operation="UPDATE",
                    pgid="pgtrigger_sighting_never_changes_0f57f",
                    table="risk_breach",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="breach",
            trigger=pgtrigger.compiler.Trigger(
                name="closing_is_final",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."closed_at" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="7067ac9247bea0638689fc3647e520e7de5eb9e9",
                    operation="UPDATE",
                    pgid="pgtrigger_closing_is_final_3e4a8",
                    table="risk_breach",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="breach",
            trigger=pgtrigger.compiler.Trigger(
                name="never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="4fad9895a64c1f369ae2d44017cb28da9633f4d3",
                    operation="DELETE",
                    pgid="pgtrigger_never_deleted_d780d",
                    table="risk_breach",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="breach",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'Rows of % are never removed.', TG_TABLE_NAME;",
                    hash="b2f1356f5a75d84e494e2e3ca2a1b498b88f1e92",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_0a841",
                    table="risk_breach",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="execution",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="65306c0ba88d5cbe13d4e5cd14e84621b4d377e5",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_cb441",
                    table="risk_execution",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="execution",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="377675c2571f3b6b4e13f560056dd83213689b92",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_1e7b7",
                    table="risk_execution",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="execution",
            trigger=pgtrigger.compiler.Trigger(
                name="execution_was_approved",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF NOT EXISTS (\n        SELECT 1 FROM risk_changerequest r\n        WHERE r.id = NEW.request_id AND r.payload_hash = NEW.payload_hash AND r.status = 'APPROVED'\n        AND NEW.executed_at <= r.execution_expires_at\n    ) OR EXISTS (\n        SELECT 1 FROM risk_vote v JOIN risk_person p ON p.id = v.decided_by_id\n        LEFT JOIN risk_factor f ON f.id = v.factor_id\n        WHERE v.request_id = NEW.request_id AND (\n            v.decision = 'REJECT' OR NOT p.active OR p.approves_from IS NULL OR p.approves_from > NEW.executed_at\n            OR f.id IS NULL OR f.revoked_at IS NOT NULL\n        )\n    ) THEN\n        RAISE EXCEPTION 'Request % is not approved, or its approval has expired.', NEW.request_id\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                    hash="25139e09130380a6d15f0b5479dfa903ee0b0ecb",
                    operation="INSERT",
                    pgid="pgtrigger_execution_was_approved_8d829",
                    table="risk_execution",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="halt",
            trigger=pgtrigger.compiler.Trigger(
                name="engagement_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."scope_kind" IS DISTINCT FROM (NEW."scope_kind") OR OLD."scope_key" IS DISTINCT FROM (NEW."scope_key") OR OLD."level" IS DISTINCT FROM (NEW."level") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."engaged_by" IS DISTINCT FROM (NEW."engaged_by") OR OLD."engaged_at" IS DISTINCT FROM (NEW."engaged_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="7d109953ba809e4fccfe997d1665e78570cd3286",
                    operation="UPDATE",
                    pgid="pgtrigger_engagement_never_changes_c5b6e",
                    table="risk_halt",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="halt",
            trigger=pgtrigger.compiler.Trigger(
                name="release_is_final",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."released_at" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="8eebc33fde209baeca1d795355f706cfa552a342",
                    operation="UPDATE",
                    pgid="pgtrigger_release_is_final_f43c9",
                    table="risk_halt",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="halt",
            trigger=pgtrigger.compiler.Trigger(
                name="released_by_two",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF NEW.released_at IS NULL THEN\n        RAISE EXCEPTION 'A halt row changes only by its release.' USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    IF NOT EXISTS (\n        SELECT 1 FROM risk_execution e JOIN risk_changerequest r ON r.id = e.request_id\n        WHERE r.id = NEW.release_id AND r.kind = 'halt.release' AND r.target = 'halt:' || NEW.id\n    ) THEN\n        RAISE EXCEPTION 'Halt % is released only by an executed sign-off of two people.', NEW.id\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                    hash="d1524d48b82f2341e91fe7bd432f2a8f89676cd9",
                    operation="UPDATE",
                    pgid="pgtrigger_released_by_two_5983c",
                    table="risk_halt",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="halt",
            trigger=pgtrigger.compiler.Trigger(
                name="engaged_open",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."released_at" IS NOT NULL)',
                    func="RAISE EXCEPTION 'A halt begins engaged.' USING ERRCODE = 'integrity_constraint_violation';",
                    hash="6a1f253411abbade1f4cf754561b8fa02006b62f",
                    operation="INSERT",
                    pgid="pgtrigger_engaged_open_990c1",
                    table="risk_halt",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="halt",
            trigger=pgtrigger.compiler.Trigger(
                name="never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="3ba0e6d8b867b80ca0f0366ada540e572bc6a56e",
                    operation="DELETE",
                    pgid="pgtrigger_never_deleted_d891e",
                    table="risk_halt",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="halt",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'Rows of % are never removed.', TG_TABLE_NAME;",
                    hash="32fdbaf193edbfd8ccbfd232ccb4ed6f5d84da44",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_c5408",
                    table="risk_halt",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="haltreceipt",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="8cbf24c2d741fc6c7cfbf9d3dcea9ac3755c9c2a",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_43bb0",
                    table="risk_haltreceipt",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="haltreceipt",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="43d2f393729a3f94187ef4d389f1b571121b55b2",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_fd953",
                    table="risk_haltreceipt",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="historicallimit",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="83c6ca409c72066a6a742dc2e5de256c86c3a094",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_d9c85",
                    table="risk_historicallimit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="historicallimit",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="6866f82942551ccfaeaf3b11e2bd34eb5e068fc9",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_3822b",
                    table="risk_historicallimit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="limit",
            trigger=pgtrigger.compiler.Trigger(
                name="version_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."scope_kind" IS DISTINCT FROM (NEW."scope_kind") OR OLD."scope_key" IS DISTINCT FROM (NEW."scope_key") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."value" IS DISTINCT FROM (NEW."value") OR OLD."unit" IS DISTINCT FROM (NEW."unit") OR OLD."version" IS DISTINCT FROM (NEW."version") OR OLD."active_from" IS DISTINCT FROM (NEW."active_from") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at") OR OLD."returns_to" IS DISTINCT FROM (NEW."returns_to") OR OLD."set_by" IS DISTINCT FROM (NEW."set_by") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."change_id" IS DISTINCT FROM (NEW."change_id"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="b310061d7f6bacca3e6896a4a37b2ef13480a3a2",
                    operation="UPDATE",
                    pgid="pgtrigger_version_never_changes_cd6d5",
                    table="risk_limit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="limit",
            trigger=pgtrigger.compiler.Trigger(
                name="end_is_final",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."active_to" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="cdcdac56793f1d24e7b9c965b0ad1966b89778da",
                    operation="UPDATE",
                    pgid="pgtrigger_end_is_final_355ac",
                    table="risk_limit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="limit",
            trigger=pgtrigger.compiler.Trigger(
                name="never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="5aab9b6054f10632ba39cbe47b1b2e6335f64410",
                    operation="DELETE",
                    pgid="pgtrigger_never_deleted_34851",
                    table="risk_limit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="limit",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'Rows of % are never removed.', TG_TABLE_NAME;",
                    hash="1bf96157d75911637c5d1891d83db12d67a5149a",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_a0d45",
                    table="risk_limit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="person",
            trigger=pgtrigger.compiler.Trigger(
                name="identity_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."written_in" IS DISTINCT FROM (NEW."written_in"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="0ef6361e9724d29635ae6d9346783e71cd56ab06",
                    operation="UPDATE",
                    pgid="pgtrigger_identity_never_changes_53223",
                    table="risk_person",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="person",
            trigger=pgtrigger.compiler.Trigger(
                name="first_ones_or_two",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    NEW.written_in := pg_current_xact_id()::text::bigint;\n    IF EXISTS (SELECT 1 FROM risk_person p WHERE p.written_in <> NEW.written_in) AND NOT EXISTS (\n        SELECT 1 FROM risk_changerequest r JOIN risk_execution e ON e.request_id = r.id\n        WHERE r.id = NEW.change_id AND r.kind = 'person.enrol' AND r.payload->>'name' = NEW.name\n    ) THEN\n        RAISE EXCEPTION 'Two people decide who joins the desk.' USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                    hash="8514303b09c3501d5a1a30f70ba45d3021c098f9",
                    operation="INSERT",
                    pgid="pgtrigger_first_ones_or_two_b1ee8",
                    table="risk_person",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="person",
            trigger=pgtrigger.compiler.Trigger(
                name="loosened_by_two",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF ((NEW.active AND NOT OLD.active) OR (\n        NEW.approves_from IS NOT NULL AND (OLD.approves_from IS NULL OR NEW.approves_from < OLD.approves_from)\n    )) AND (NEW.change_id IS NOT DISTINCT FROM OLD.change_id OR NOT EXISTS (\n        SELECT 1 FROM risk_changerequest r JOIN risk_execution e ON e.request_id = r.id\n        WHERE r.id = NEW.change_id AND r.kind = 'person.change' AND r.target = 'person:' || NEW.id\n        AND (NEW.approves_from IS NULL OR NEW.approves_from = OLD.approves_from\n            OR NEW.approves_from >= e.executed_at + interval '72 hours')\n    )) THEN\n        RAISE EXCEPTION 'Two people decide who returns and who votes.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                    hash="4d925e5f3269197d5a0c71645d6c56e8378113e4",
                    operation="UPDATE",
                    pgid="pgtrigger_loosened_by_two_b0256",
                    table="risk_person",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="person",
            trigger=pgtrigger.compiler.Trigger(
                name="never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="e8cc8980d931f4fe7b3141e425b8082bc52f9ed8",
                    operation="DELETE",
                    pgid="pgtrigger_never_deleted_184ce",
                    table="risk_person",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="person",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'Rows of % are never removed.', TG_TABLE_NAME;",
                    hash="370ce83fc03627bcf606a38235fd3b318053b660",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_52e4b",
                    table="risk_person",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="changerequest",
            trigger=pgtrigger.compiler.Trigger(
                name="content_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."target" IS DISTINCT FROM (NEW."target") OR OLD."base_version" IS DISTINCT FROM (NEW."base_version") OR OLD."payload" IS DISTINCT FROM (NEW."payload") OR OLD."payload_hash" IS DISTINCT FROM (NEW."payload_hash") OR OLD."policy_version" IS DISTINCT FROM (NEW."policy_version") OR OLD."environment" IS DISTINCT FROM (NEW."environment") OR OLD."account" IS DISTINCT FROM (NEW."account") OR OLD."build" IS DISTINCT FROM (NEW."build") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."requested_by_id" IS DISTINCT FROM (NEW."requested_by_id") OR OLD."requested_account" IS DISTINCT FROM (NEW."requested_account") OR OLD."requested_at" IS DISTINCT FROM (NEW."requested_at") OR OLD."approval_expires_at" IS DISTINCT FROM (NEW."approval_expires_at") OR OLD."execution_expires_at" IS DISTINCT FROM (NEW."execution_expires_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="d4613d84a260f4b5ba965b907d0bb2c663d5e3a7",
                    operation="UPDATE",
                    pgid="pgtrigger_content_never_changes_5241e",
                    table="risk_changerequest",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="changerequest",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves_legally",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{PENDING:APPROVED,PENDING:REJECTED,PENDING:WITHDRAWN,PENDING:EXPIRED,APPROVED:EXECUTED,APPROVED:REJECTED,APPROVED:WITHDRAWN,APPROVED:EXPIRED}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="0dddb9de6ed1a54cc7a3c99414e9f3afe0969f01",
                    operation="UPDATE",
                    pgid="pgtrigger_status_moves_legally_4fe1d",
                    table="risk_changerequest",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="changerequest",
            trigger=pgtrigger.compiler.Trigger(
                name="status_is_earned",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF NEW.status = 'APPROVED' AND (\n        NOT EXISTS (SELECT 1 FROM risk_vote v WHERE v.request_id = NEW.id AND v.decision = 'APPROVE')\n        OR EXISTS (SELECT 1 FROM risk_vote v WHERE v.request_id = NEW.id AND v.decision = 'REJECT')\n    ) THEN\n        RAISE EXCEPTION 'Request % is not approved by the votes.', NEW.id\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    IF NEW.status = 'EXECUTED' AND NOT EXISTS (SELECT 1 FROM risk_execution e WHERE e.request_id = NEW.id) THEN\n        RAISE EXCEPTION 'Request % was not executed.', NEW.id\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                    hash="c3d5671ab2f1fcbf057ea5fdeee2dd61dd6152fd",
                    operation="UPDATE",
                    pgid="pgtrigger_status_is_earned_fd056",
                    table="risk_changerequest",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="changerequest",
            trigger=pgtrigger.compiler.Trigger(
                name="begins_pending",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NOT (NEW.\"status\" = 'PENDING'))",
                    func="RAISE EXCEPTION 'A change request begins pending.' USING ERRCODE = 'integrity_constraint_violation';",
                    hash="fd7e876441f8653a23c881e472a928bcb8a39459",
                    operation="INSERT",
                    pgid="pgtrigger_begins_pending_ff446",
                    table="risk_changerequest",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="changerequest",
            trigger=pgtrigger.compiler.Trigger(
                name="never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="59fd8a710163a8e8ce4ca4967cd4ff5a04d84232",
                    operation="DELETE",
                    pgid="pgtrigger_never_deleted_2dab6",
                    table="risk_changerequest",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="changerequest",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'Rows of % are never removed.', TG_TABLE_NAME;",
                    hash="307bcdbc919b30f49c2f3dde293dbc99e50319b5",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_7f15e",
                    table="risk_changerequest",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="personaccount",
            trigger=pgtrigger.compiler.Trigger(
                name="first_ones_or_two",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF EXISTS (\n        SELECT 1 FROM risk_person p WHERE p.written_in <> pg_current_xact_id()::text::bigint\n    ) AND NOT EXISTS (\n        SELECT 1 FROM risk_changerequest r JOIN risk_execution e ON e.request_id = r.id\n        JOIN risk_person p ON p.id = NEW.person_id\n        WHERE r.id = NEW.change_id AND r.kind = 'person.enrol' AND r.target = 'user:' || NEW.user_id\n        AND r.payload->>'name' = p.name AND NEW.usable_from >= NEW.created_at + interval '72 hours'\n    ) THEN\n        RAISE EXCEPTION 'Two people decide whose account is whose, and it waits 72 hours.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                    hash="8940af3abc28cca9c8368b404be338122c76527f",
                    operation="INSERT",
                    pgid="pgtrigger_first_ones_or_two_af4aa",
                    table="risk_personaccount",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="personaccount",
            trigger=pgtrigger.compiler.Trigger(
                name="owner_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="d5ade579baf59181e3d4834471ef3f38785f77ec",
                    operation="UPDATE",
                    pgid="pgtrigger_owner_never_changes_7c243",
                    table="risk_personaccount",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="personaccount",
            trigger=pgtrigger.compiler.Trigger(
                name="never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="e3ca88823ab162cac9d52db917d3ec076e18a9d8",
                    operation="DELETE",
                    pgid="pgtrigger_never_deleted_f21bf",
                    table="risk_personaccount",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="personaccount",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'Rows of % are never removed.', TG_TABLE_NAME;",
                    hash="3ef4e09d9ed652f5b1c90c92ee0797bb8fca0356",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_67818",
                    table="risk_personaccount",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="factor",
            trigger=pgtrigger.compiler.Trigger(
                name="what_it_is_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."account_id" IS DISTINCT FROM (NEW."account_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."authenticator" IS DISTINCT FROM (NEW."authenticator") OR OLD."credential_id" IS DISTINCT FROM (NEW."credential_id") OR OLD."public_key" IS DISTINCT FROM (NEW."public_key") OR OLD."enrolled_at" IS DISTINCT FROM (NEW."enrolled_at") OR OLD."usable_from" IS DISTINCT FROM (NEW."usable_from") OR OLD."founding" IS DISTINCT FROM (NEW."founding"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="2af9c32a982cb421da8eee6fafac91c022f2c157",
                    operation="UPDATE",
                    pgid="pgtrigger_what_it_is_never_changes_5bf44",
                    table="risk_factor",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="factor",
            trigger=pgtrigger.compiler.Trigger(
                name="is_seasoned",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF NEW.change_id IS NOT NULL OR NEW.revoked_at IS NOT NULL THEN\n        RAISE EXCEPTION 'A factor begins unadmitted.' USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    IF NEW.founding THEN\n        IF NOT EXISTS (\n            SELECT 1 FROM risk_personaccount a WHERE a.id = NEW.account_id AND a.usable_from = a.created_at\n            AND NEW.enrolled_at < a.created_at + interval '72 hours' AND NEW.usable_from >= a.created_at\n        ) OR EXISTS (SELECT 1 FROM risk_factor f WHERE f.account_id = NEW.account_id) THEN\n            RAISE EXCEPTION 'Only the first factor of a founder is free.'\n                USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n    ELSIF NEW.usable_from < NEW.enrolled_at + interval '72 hours' THEN\n        RAISE EXCEPTION 'A new factor waits 72 hours.' USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                    hash="c6dd743357496bd1bd6709c9966e0a904102c194",
                    operation="INSERT",
                    pgid="pgtrigger_is_seasoned_d34ac",
                    table="risk_factor",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="factor",
            trigger=pgtrigger.compiler.Trigger(
                name="is_admitted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF OLD.revoked_at IS NOT NULL OR (OLD.change_id IS NOT NULL AND NEW.change_id IS DISTINCT FROM OLD.change_id) THEN\n        RAISE EXCEPTION 'A factor that was taken away or admitted stays so.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    IF NEW.change_id IS DISTINCT FROM OLD.change_id AND NOT EXISTS (\n        SELECT 1 FROM risk_changerequest r JOIN risk_execution e ON e.request_id = r.id\n        JOIN risk_personaccount a ON a.id = NEW.account_id\n        WHERE r.id = NEW.change_id AND (\n            (r.kind = 'factor.admit' AND r.target = 'factor:' || NEW.id)\n            OR (r.kind = 'person.enrol' AND r.target = 'user:' || a.user_id AND a.change_id = r.id)\n        )\n    ) THEN\n        RAISE EXCEPTION 'A factor is admitted only by an executed sign-off.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                    hash="1163753a9e7fea865f127c9edd96d70d961f5b0d",
                    operation="UPDATE",
                    pgid="pgtrigger_is_admitted_8829c",
                    table="risk_factor",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="factor",
            trigger=pgtrigger.compiler.Trigger(
                name="never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="53843dbb780fb2ef8a68d3faf1d4338c2aacea15",
                    operation="DELETE",
                    pgid="pgtrigger_never_deleted_cbd9d",
                    table="risk_factor",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="factor",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'Rows of % are never removed.', TG_TABLE_NAME;",
                    hash="9d1649bc6eb66759c99e5f59ca106a7a36c82374",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_9f9f0",
                    table="risk_factor",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="policyadoption",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="7c7d5f364e26d586ea082fd82da51dff00689899",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_5b05b",
                    table="risk_policyadoption",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="policyadoption",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="ed845d616459c215d72a120e081b6057c0b9e524",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_2b92d",
                    table="risk_policyadoption",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="policyadoption",
            trigger=pgtrigger.compiler.Trigger(
                name="first_or_by_two",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF EXISTS (SELECT 1 FROM risk_policyadoption) AND NOT EXISTS (\n        SELECT 1 FROM risk_changerequest r JOIN risk_execution e ON e.request_id = r.id\n        WHERE r.id = NEW.change_id AND r.kind = 'policy.adopt' AND r.payload->>'digest' = NEW.digest\n        AND NEW.holds_from >= e.executed_at + interval '24 hours'\n    ) THEN\n        RAISE EXCEPTION 'Two people adopt a policy, and it waits 24 hours.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                    hash="4cfd17c021091e79bc12b0c925633a46a0a14965",
                    operation="INSERT",
                    pgid="pgtrigger_first_or_by_two_59244",
                    table="risk_policyadoption",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="vote",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="cc88cb6aa2506639bbc94dd1741925a3e0b8ea07",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_fe4bd",
                    table="risk_vote",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="vote",
            trigger=pgtrigger.compiler.Trigger(
                name="never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="554415ae8f0aae8af8cf8befe9c4c1afd97a1fdb",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_emptied_efa9f",
                    table="risk_vote",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="vote",
            trigger=pgtrigger.compiler.Trigger(
                name="vote_fits_request",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF NOT EXISTS (\n        SELECT 1 FROM risk_changerequest r\n        WHERE r.id = NEW.request_id AND r.payload_hash = NEW.payload_hash\n        AND (r.status = 'PENDING' OR (r.status = 'APPROVED' AND NEW.decision = 'REJECT'))\n        AND NEW.decided_at <= r.approval_expires_at\n    ) THEN\n        RAISE EXCEPTION 'The vote does not fit request %: other content, decided already, or expired.', NEW.request_id\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                    hash="ea4d8d8fd66c31e27994d3a6768a7ca45f4bd92c",
                    operation="INSERT",
                    pgid="pgtrigger_vote_fits_request_7adc5",
                    table="risk_vote",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="vote",
            trigger=pgtrigger.compiler.Trigger(
                name="vote_is_proved",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF NEW.presented IS NULL OR NEW.auth_at IS NULL OR NEW.auth_at > NEW.decided_at\n    OR NEW.auth_at < NEW.decided_at - interval '5 minutes' OR NOT EXISTS (\n        SELECT 1 FROM risk_factor f\n        JOIN risk_personaccount a ON a.id = f.account_id\n        JOIN risk_person p ON p.id = a.person_id\n        WHERE f.id = NEW.factor_id AND f.kind = NEW.auth_method AND f.revoked_at IS NULL\n        AND f.usable_from <= NEW.decided_at AND (f.founding OR f.change_id IS NOT NULL)\n        AND a.usable_from <= NEW.decided_at AND p.id = NEW.decided_by_id AND p.active\n        AND p.approves_from <= NEW.decided_at\n    ) THEN\n        RAISE EXCEPTION 'The vote bears no fresh second factor of an approver.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                    hash="6edaf2b73d97b7131d72b4d2334fbe0664ac6f1c",
                    operation="INSERT",
                    pgid="pgtrigger_vote_is_proved_be88c",
                    table="risk_vote",
                    when="BEFORE",
                ),
            ),
        ),
    ]
