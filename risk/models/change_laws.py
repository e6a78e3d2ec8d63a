"""What the database itself holds about sign-offs: triggers on requests, votes and executions."""

import pgtrigger

from risk.models import kept

LEGAL_MOVES = (
    ("PENDING", "APPROVED"),
    ("PENDING", "REJECTED"),
    ("PENDING", "WITHDRAWN"),
    ("PENDING", "EXPIRED"),
    ("APPROVED", "EXECUTED"),
    ("APPROVED", "REJECTED"),
    ("APPROVED", "WITHDRAWN"),
    ("APPROVED", "EXPIRED"),
)
"""From each status of a request, the ones it may move to."""

_BEGINS_PENDING = "RAISE EXCEPTION 'A change request begins pending.' USING ERRCODE = 'integrity_constraint_violation';"

# A status says what the votes and the execution say; it cannot be set ahead of them.
_STATUS_IS_EARNED = """
    IF NEW.status = 'APPROVED' AND (
        NOT EXISTS (SELECT 1 FROM risk_vote v WHERE v.request_id = NEW.id AND v.decision = 'APPROVE')
        OR EXISTS (SELECT 1 FROM risk_vote v WHERE v.request_id = NEW.id AND v.decision = 'REJECT')
    ) THEN
        RAISE EXCEPTION 'Request % is not approved by the votes.', NEW.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.status = 'EXECUTED' AND NOT EXISTS (SELECT 1 FROM risk_execution e WHERE e.request_id = NEW.id) THEN
        RAISE EXCEPTION 'Request % was not executed.', NEW.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""

_VOTE_FITS = """
    IF NOT EXISTS (
        SELECT 1 FROM risk_changerequest r
        WHERE r.id = NEW.request_id AND r.payload_hash = NEW.payload_hash
        AND (r.status = 'PENDING' OR (r.status = 'APPROVED' AND NEW.decision = 'REJECT'))
        AND NEW.decided_at <= r.approval_expires_at
    ) THEN
        RAISE EXCEPTION 'The vote does not fit request %: other content, decided already, or expired.', NEW.request_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""

_WAS_APPROVED = """
    IF NOT EXISTS (
        SELECT 1 FROM risk_changerequest r
        WHERE r.id = NEW.request_id AND r.payload_hash = NEW.payload_hash AND r.status = 'APPROVED'
        AND NEW.executed_at <= r.execution_expires_at
    ) OR EXISTS (
        SELECT 1 FROM risk_vote v JOIN risk_person p ON p.id = v.decided_by_id
        LEFT JOIN risk_factor f ON f.id = v.factor_id
        WHERE v.request_id = NEW.request_id AND (
            v.decision = 'REJECT' OR NOT p.active OR p.approves_from IS NULL OR p.approves_from > NEW.executed_at
            OR f.id IS NULL OR f.revoked_at IS NOT NULL
        )
    ) THEN
        RAISE EXCEPTION 'Request % is not approved, or its approval has expired.', NEW.request_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""


def request_triggers() -> list[pgtrigger.Trigger]:
    """The content never changes, the status moves along LEGAL_MOVES and only as far as votes and execution carry it."""
    return [
        pgtrigger.ReadOnly(name="content_never_changes", exclude=["status"]),
        pgtrigger.FSM(name="status_moves_legally", field="status", transitions=list(LEGAL_MOVES)),
        pgtrigger.Trigger(
            name="status_is_earned", when=pgtrigger.Before, operation=pgtrigger.Update, func=_STATUS_IS_EARNED
        ),
        pgtrigger.Trigger(
            name="begins_pending",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            condition=~pgtrigger.Q(new__status="PENDING"),
            func=_BEGINS_PENDING,
        ),
        *kept.triggers(),
    ]


def vote_fits_request() -> pgtrigger.Trigger:
    """A vote carries the request's hash, while the request waits and before it expires."""
    return pgtrigger.Trigger(
        name="vote_fits_request", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_VOTE_FITS
    )


def execution_was_approved() -> pgtrigger.Trigger:
    """An execution needs an approved request, unrejected, in time, unchanged, and approvers who still are."""
    return pgtrigger.Trigger(
        name="execution_was_approved", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_WAS_APPROVED
    )
