"""Attestation: somebody, or a run of the program, shows that something due was done; with its evidence, for ever."""

from django.db import models
from django.db.models import F, Q

from audit.models import append_only


class Attestation(models.Model):
    """One thing that was due and was done, or tried. Never changed, never removed. Written by `attesting` alone."""

    class Kind(models.TextChoices):
        ASSESSMENT = "assessment", "yearly self-assessment"
        STRESS = "stress", "stress run"
        SECRET = "secret", "secret renewed"
        RESTORE = "restore", "backup restored and checked"

    kind = models.CharField(max_length=10, choices=Kind)
    subject = models.CharField(max_length=128, help_text="the policy's version, the secret's name, the backup")
    passed = models.BooleanField()
    sentence = models.TextField(help_text="what was done and found, as a person would say it")
    evidence = models.JSONField(default=dict, help_text="the figures behind the sentence; never a secret")
    digest = models.CharField(max_length=64, help_text="SHA-256 over the canonical JSON of all of it")
    done_at = models.DateTimeField(help_text="when it was done (wall clock); what is due is counted from here")
    by = models.CharField(max_length=150, help_text="a person's user name, or the part of the program that did it")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(done_at__lte=F("recorded_at")), name="attestation_of_what_was_done"),
            models.CheckConstraint(condition=~Q(sentence="") & ~Q(by=""), name="attestation_says_what_and_who"),
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="attestation_digest_is_sha256"),
        )
        indexes = (models.Index(fields=("kind", "subject", "-done_at"), name="attestation_latest"),)
        triggers = append_only.triggers()

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.done_at:%Y-%m-%d}"
