"""PolicyAdoption: which text of the policy the desk's people agreed to."""

import pgtrigger
from django.db import models
from django.db.models import Q

from audit.models import append_only

_FIRST_OR_BY_TWO = """
    IF EXISTS (SELECT 1 FROM risk_policyadoption) AND NOT EXISTS (
        SELECT 1 FROM risk_changerequest r JOIN risk_execution e ON e.request_id = r.id
        WHERE r.id = NEW.change_id AND r.kind = 'policy.adopt' AND r.payload->>'digest' = NEW.digest
        AND NEW.holds_from >= e.executed_at + interval '24 hours'
    ) THEN
        RAISE EXCEPTION 'Two people adopt a policy, and it waits 24 hours.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""


class PolicyAdoption(models.Model):
    """The desk agreed to a text of the policy. Never changed, never removed. Written by `adoption` alone."""

    version = models.CharField(max_length=32)
    digest = models.CharField(max_length=64, help_text="SHA-256 over the policy's canonical JSON")
    content = models.JSONField(help_text="the policy itself, so that a later one can be compared")
    adopted_at = models.DateTimeField()
    holds_from = models.DateTimeField(help_text="loosening under it is possible from then on")
    change = models.OneToOneField(
        "risk.ChangeRequest",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="the executed request; empty for the one the desk began with",
    )

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="adoption_digest_is_sha256"),
        )
        triggers = (
            *append_only.triggers(),
            pgtrigger.Trigger(
                name="first_or_by_two", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_FIRST_OR_BY_TWO
            ),
        )

    def __str__(self) -> str:
        return f"policy {self.version}"
