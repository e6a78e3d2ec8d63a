"""StageMove: each step of a live account up or down the ramp; the newest says where it stands."""

import pgtrigger
from django.db import models
from django.db.models import Q

from audit.models import append_only

STAGES = [(each, each) for each in ("S0", "S1", "S2", "S3", "S4")]
"""What `stages.Stage` knows; a test compares."""

# Up by one, and only as two people decided: into the first stage by going live, further by a request of its own.
_STEPS_FOLLOW = """
    IF NEW.number <> coalesce((SELECT max(number) FROM risk_stagemove WHERE account = NEW.account), 0) + 1
    OR NEW.from_stage <> coalesce(
        (SELECT to_stage FROM risk_stagemove WHERE account = NEW.account ORDER BY number DESC LIMIT 1), 'S0')
    THEN
        RAISE EXCEPTION 'A move of account % begins where the last one ended.', NEW.account
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.to_stage > NEW.from_stage AND (
        substr(NEW.to_stage, 2)::int <> substr(NEW.from_stage, 2)::int + 1
        OR NOT EXISTS (
            SELECT 1 FROM risk_changerequest r JOIN risk_execution e ON e.request_id = r.id
            WHERE r.id = NEW.change_id AND (
                (r.kind = 'stage.rise' AND r.target = 'stage:' || NEW.account AND r.payload->>'new' = NEW.to_stage)
                OR (r.kind = 'golive' AND r.target = 'account:' || NEW.account AND NEW.to_stage = 'S1')))
    ) THEN
        RAISE EXCEPTION 'Two people let account % rise, one stage at a time.', NEW.account
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""


class StageMove(models.Model):
    """One step on the ramp. Never changed, never removed. Written by `ramp` alone."""

    account = models.CharField(max_length=64)
    number = models.PositiveIntegerField(help_text="counts an account's moves from 1")
    from_stage = models.CharField(max_length=2, choices=STAGES)
    to_stage = models.CharField(max_length=2, choices=STAGES)
    reason = models.TextField()
    evidence = models.JSONField(default=dict, help_text="what it rests on, in words and figures")
    by = models.CharField(max_length=150, help_text="a person's user name, or the part of the program that did it")
    at = models.DateTimeField()
    change = models.OneToOneField(
        "risk.ChangeRequest",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="the executed request of a step up; empty for a step down",
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("account", "number"), name="stage_moves_are_numbered"),
            models.CheckConstraint(condition=~Q(reason=""), name="stage_moves_with_a_reason"),
            models.CheckConstraint(
                condition=Q(from_stage__regex=r"^S[0-4]$", to_stage__regex=r"^S[0-4]$"), name="stage_is_known"
            ),
            models.CheckConstraint(condition=~Q(from_stage=models.F("to_stage")), name="stage_moves_somewhere"),
        )
        triggers = (
            *append_only.triggers(),
            pgtrigger.Trigger(
                name="steps_follow", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_STEPS_FOLLOW
            ),
        )

    def __str__(self) -> str:
        return f"{self.account} {self.from_stage} → {self.to_stage}"
