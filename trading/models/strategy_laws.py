"""What the database itself holds about strategies: one person may rest or narrow one, two wake, widen or alter it."""

import pgtrigger

# A new account begins with what it is opened with, in one transaction and before its first pass. Later ones rest.
_BEGINS_AT_REST = """
    NEW.written_in := pg_current_xact_id()::text::bigint;
    NEW.change_id := NULL;
    IF NEW.active AND (
        EXISTS (
            SELECT 1 FROM trading_strategy s
            WHERE s.account_id = NEW.account_id AND s.written_in <> NEW.written_in
        ) OR EXISTS (SELECT 1 FROM trading_enginepass p WHERE p.account_id = NEW.account_id)
    ) THEN
        RAISE EXCEPTION 'A new strategy of an account that trades rests until two people wake it.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""

# Mirrors `tightening.STRATEGY`. The request carried out must say the whole row, and none serves twice.
_LOOSENED_BY_TWO = """
    IF NEW.active AND (
        NOT OLD.active OR NEW.name <> OLD.name OR NEW.rule <> OLD.rule OR NEW.parameters <> OLD.parameters
        OR NEW.risk_fraction > OLD.risk_fraction
        OR jsonb_typeof(NEW.symbols) <> 'array' OR NOT OLD.symbols @> NEW.symbols
    ) AND NOT EXISTS (
        SELECT 1 FROM risk_changerequest r JOIN risk_execution e ON e.request_id = r.id
        WHERE r.id = NEW.change_id AND r.kind = 'strategy.change' AND r.target = 'strategy:' || NEW.id
        AND NEW.change_id IS DISTINCT FROM OLD.change_id
        AND e.executed_at > coalesce(
            (SELECT x.executed_at FROM risk_execution x WHERE x.request_id = OLD.change_id), '-infinity')
        AND (r.payload->'new') - 'risk_fraction' = jsonb_build_object(
            'name', NEW.name, 'rule', NEW.rule, 'parameters', NEW.parameters, 'symbols', NEW.symbols, 'active', true)
        AND (r.payload->'new'->>'risk_fraction')::numeric = NEW.risk_fraction
    ) THEN
        RAISE EXCEPTION 'Two people wake, widen or alter strategy %.', OLD.name
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""

CHANGEABLE = ("name", "rule", "parameters", "symbols", "risk_fraction", "version", "active", "change_id")
"""The columns that the program's database role may change at all."""


def triggers() -> list[pgtrigger.Trigger]:
    """A strategy stays with its account, begins at rest, and is loosened by an executed request that says the same."""
    return [
        pgtrigger.ReadOnly(name="home_never_changes", fields=["id", "account", "created_at", "written_in"]),
        pgtrigger.Trigger(
            name="begins_at_rest", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_BEGINS_AT_REST
        ),
        pgtrigger.Trigger(
            name="loosened_by_two", when=pgtrigger.Before, operation=pgtrigger.Update, func=_LOOSENED_BY_TWO
        ),
    ]
