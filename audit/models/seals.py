"""AuditSeal: a fingerprint over a batch of events, chained to the one before, so that a later change is seen."""

from django.db import models

from audit.models import append_only


class AuditSeal(models.Model):
    """One batch of events, sealed: every event whose transaction number is in [`from_xid`, `until_xid`).

    Written by `sealing` alone, when all those transactions had ended, so the batch can neither grow nor shrink.
    """

    batch = models.BigIntegerField(primary_key=True, help_text="1, 2, 3 … without a gap")
    sealed_at = models.DateTimeField()
    from_xid = models.BigIntegerField()
    until_xid = models.BigIntegerField()
    count = models.PositiveIntegerField(help_text="events in the batch")
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    root = models.CharField(max_length=64, help_text="Merkle root of the events (RFC 9162 prefixes), SHA-256, hex")
    previous = models.CharField(max_length=64, help_text="seal of the batch before; 64 zeros for the first")
    seal = models.CharField(max_length=64, unique=True, help_text="SHA-256 over all of the above, hex")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("from_xid",), name="seal_ranges_do_not_branch"),
            models.UniqueConstraint(fields=("previous",), name="seal_chain_does_not_branch"),
            models.CheckConstraint(
                condition=models.Q(from_xid__lt=models.F("until_xid")), name="seal_range_goes_forward"
            ),
            models.CheckConstraint(condition=models.Q(count__gt=0), name="seal_holds_something"),
        )
        triggers = append_only.triggers()

    def __str__(self) -> str:
        return f"seal {self.batch}: {self.count} events"
