"""What the database itself holds about people: after the first ones, two people decide who joins, returns or votes."""

import pgtrigger

_FIRST_ONES_OR_TWO = """
    NEW.written_in := pg_current_xact_id()::text::bigint;
    IF EXISTS (SELECT 1 FROM risk_person p WHERE p.written_in <> NEW.written_in) AND NOT EXISTS (
        SELECT 1 FROM risk_changerequest r JOIN risk_execution e ON e.request_id = r.id
        WHERE r.id = NEW.change_id AND r.kind = 'person.enrol' AND r.payload->>'name' = NEW.name
    ) THEN
        RAISE EXCEPTION 'Two people decide who joins the desk.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""

_ACCOUNT_OF_FIRST_ONES_OR_TWO = """
    IF EXISTS (
        SELECT 1 FROM risk_person p WHERE p.written_in <> pg_current_xact_id()::text::bigint
    ) AND NOT EXISTS (
        SELECT 1 FROM risk_changerequest r JOIN risk_execution e ON e.request_id = r.id
        JOIN risk_person p ON p.id = NEW.person_id
        WHERE r.id = NEW.change_id AND r.kind = 'person.enrol' AND r.target = 'user:' || NEW.user_id
        AND r.payload->>'name' = p.name AND NEW.usable_from >= NEW.created_at + interval '72 hours'
    ) THEN
        RAISE EXCEPTION 'Two people decide whose account is whose, and it waits 72 hours.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""

_LOOSENED_BY_TWO = """
    IF ((NEW.active AND NOT OLD.active) OR (
        NEW.approves_from IS NOT NULL AND (OLD.approves_from IS NULL OR NEW.approves_from < OLD.approves_from)
    )) AND (NEW.change_id IS NOT DISTINCT FROM OLD.change_id OR NOT EXISTS (
        SELECT 1 FROM risk_changerequest r JOIN risk_execution e ON e.request_id = r.id
        WHERE r.id = NEW.change_id AND r.kind = 'person.change' AND r.target = 'person:' || NEW.id
        AND (NEW.approves_from IS NULL OR NEW.approves_from = OLD.approves_from
            OR NEW.approves_from >= e.executed_at + interval '72 hours')
    )) THEN
        RAISE EXCEPTION 'Two people decide who returns and who votes.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""


def of_people() -> list[pgtrigger.Trigger]:
    """The first people come in one transaction; later ones, returns and votes need an executed request."""
    return [
        pgtrigger.Trigger(
            name="first_ones_or_two", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_FIRST_ONES_OR_TWO
        ),
        pgtrigger.Trigger(
            name="loosened_by_two", when=pgtrigger.Before, operation=pgtrigger.Update, func=_LOOSENED_BY_TWO
        ),
    ]


def of_accounts() -> list[pgtrigger.Trigger]:
    """An account is given to a person by two people, and nothing of it changes afterwards."""
    return [
        pgtrigger.Trigger(
            name="first_ones_or_two",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            func=_ACCOUNT_OF_FIRST_ONES_OR_TWO,
        ),
        pgtrigger.ReadOnly(name="owner_never_changes"),
    ]
