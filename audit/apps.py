"""Remembers: the record of everything that happened."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear of sign-ins and changes of permissions."""
        from audit import sign_ins

        sign_ins.connect()
