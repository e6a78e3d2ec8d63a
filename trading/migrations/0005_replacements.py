"""An order may take the place of another one of its intent, as a person or the broker replaced it there."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("trading", "0004_sums_follow"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="order",
            name="order_legal_moves",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="order",
            name="order_identity_fixed",
        ),
        migrations.RemoveConstraint(
            model_name="order",
            name="order_one_root_per_intent",
        ),
        migrations.AddField(
            model_name="order",
            name="replaces",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="successors", to="trading.order"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_legal_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{approved:submitted,approved:withdrawn,submitted:accepted,submitted:canceled,submitted:expired,submitted:filled,submitted:held,submitted:partially_filled,submitted:pending_cancel,submitted:pending_replace,submitted:rejected,submitted:replaced,submitted:unknown,submitted:withdrawn,unknown:accepted,unknown:canceled,unknown:expired,unknown:filled,unknown:held,unknown:partially_filled,unknown:pending_cancel,unknown:pending_replace,unknown:rejected,unknown:replaced,unknown:withdrawn,accepted:canceled,accepted:expired,accepted:filled,accepted:held,accepted:partially_filled,accepted:pending_cancel,accepted:pending_replace,accepted:rejected,accepted:replaced,held:accepted,held:canceled,held:expired,held:filled,held:partially_filled,held:pending_cancel,held:pending_replace,held:rejected,held:replaced,partially_filled:canceled,partially_filled:expired,partially_filled:filled,partially_filled:pending_cancel,partially_filled:pending_replace,partially_filled:rejected,partially_filled:replaced,pending_cancel:accepted,pending_cancel:canceled,pending_cancel:expired,pending_cancel:filled,pending_cancel:partially_filled,pending_cancel:rejected,pending_cancel:replaced,pending_replace:accepted,pending_replace:canceled,pending_replace:expired,pending_replace:filled,pending_replace:partially_filled,pending_replace:pending_cancel,pending_replace:rejected,pending_replace:replaced,canceled:filled,expired:filled,replaced:filled,rejected:filled,withdrawn:accepted,withdrawn:canceled,withdrawn:expired,withdrawn:filled,withdrawn:held,withdrawn:partially_filled,withdrawn:pending_cancel,withdrawn:pending_replace,withdrawn:rejected,withdrawn:replaced}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="ef1240e0e11e17a4f0110c063b0d659688444bc1",
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
                name="order_identity_fixed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."intent_id" IS DISTINCT FROM (NEW."intent_id") OR OLD."account_id" IS DISTINCT FROM (NEW."account_id") OR OLD."mode" IS DISTINCT FROM (NEW."mode") OR OLD."instrument_id" IS DISTINCT FROM (NEW."instrument_id") OR OLD."side" IS DISTINCT FROM (NEW."side") OR OLD."client_order_id" IS DISTINCT FROM (NEW."client_order_id") OR OLD."parent_id" IS DISTINCT FROM (NEW."parent_id") OR OLD."replaces_id" IS DISTINCT FROM (NEW."replaces_id"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="b96efe74f5f7315c5754ee06c23b9ab5ce0f783b",
                    operation="UPDATE",
                    pgid="pgtrigger_order_identity_fixed_2100e",
                    table="trading_order",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(
                condition=models.Q(("parent", None), ("replaces", None)),
                fields=("intent",),
                name="order_one_root_per_intent",
            ),
        ),
    ]
