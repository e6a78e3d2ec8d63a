"""`manage.py reencrypt_factors`: after a change of DJANGO_SECRET_KEY, so that its fallback can be thrown away."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import factors


class Command(BaseCommand):
    help = "Encrypt all second factors with the present DJANGO_SECRET_KEY; then the fallbacks may go."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it in one transaction, or say which key is missing."""
        try:
            count = factors.reencrypt()
        except factors.UnreadableFactor as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{count} second factor(s) are encrypted with the present key.")
