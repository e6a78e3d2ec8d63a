"""What the database itself holds about second factors and about the votes cast with them."""

import pgtrigger

_IS_SEASONED = """
    IF NEW.change_id IS NOT NULL OR NEW.revoked_at IS NOT NULL THEN
        RAISE EXCEPTION 'A factor begins unadmitted.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.founding THEN
        IF NOT EXISTS (
            SELECT 1 FROM risk_personaccount a WHERE a.id = NEW.account_id AND a.usable_from = a.created_at
            AND NEW.enrolled_at < a.created_at + interval '72 hours' AND NEW.usable_from >= a.created_at
        ) OR EXISTS (SELECT 1 FROM risk_factor f WHERE f.account_id = NEW.account_id) THEN
            RAISE EXCEPTION 'Only the first factor of a founder is free.'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF NEW.usable_from < NEW.enrolled_at + interval '72 hours' THEN
        RAISE EXCEPTION 'A new factor waits 72 hours.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""

_IS_ADMITTED = """
    IF OLD.revoked_at IS NOT NULL OR (OLD.change_id IS NOT NULL AND NEW.change_id IS DISTINCT FROM OLD.change_id) THEN
        RAISE EXCEPTION 'A factor that was taken away or admitted stays so.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.change_id IS DISTINCT FROM OLD.change_id AND NOT EXISTS (
        SELECT 1 FROM risk_changerequest r JOIN risk_execution e ON e.request_id = r.id
        JOIN risk_personaccount a ON a.id = NEW.account_id
        WHERE r.id = NEW.change_id AND (
            (r.kind = 'factor.admit' AND r.target = 'factor:' || NEW.id)
            OR (r.kind = 'person.enrol' AND r.target = 'user:' || a.user_id AND a.change_id = r.id)
        )
    ) THEN
        RAISE EXCEPTION 'A factor is admitted only by an executed sign-off.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""

_VOTE_IS_PROVED = """
    IF NEW.presented IS NULL OR NEW.auth_at IS NULL OR NEW.auth_at > NEW.decided_at
    OR NEW.auth_at < NEW.decided_at - interval '5 minutes' OR NOT EXISTS (
        SELECT 1 FROM risk_factor f
        JOIN risk_personaccount a ON a.id = f.account_id
        JOIN risk_person p ON p.id = a.person_id
        WHERE f.id = NEW.factor_id AND f.kind = NEW.auth_method AND f.revoked_at IS NULL
        AND f.usable_from <= NEW.decided_at AND (f.founding OR f.change_id IS NOT NULL)
        AND a.usable_from <= NEW.decided_at AND p.id = NEW.decided_by_id AND p.active
        AND p.approves_from <= NEW.decided_at
    ) THEN
        RAISE EXCEPTION 'The vote bears no fresh second factor of an approver.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""


def triggers() -> list[pgtrigger.Trigger]:
    """A factor waits and is admitted by two people; only a founder's first one does neither."""
    return [
        pgtrigger.Trigger(name="is_seasoned", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_IS_SEASONED),
        pgtrigger.Trigger(name="is_admitted", when=pgtrigger.Before, operation=pgtrigger.Update, func=_IS_ADMITTED),
    ]


def vote_is_proved() -> pgtrigger.Trigger:
    """A vote bears a factor of its own person, fresh and usable, and that person is an approver."""
    return pgtrigger.Trigger(
        name="vote_is_proved", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_VOTE_IS_PROVED
    )
