"""`manage.py seed_people`: roles, and the first people of a desk with their passwords and second factors, told once."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from config import people


class Command(BaseCommand):
    help = "Make the roles and the first people that are missing; print what each new one signs in with, once."

    def handle(self, *args: Any, **options: Any) -> None:
        told = people.seed(now=timezone.now())
        if told:
            self.stdout.write(people.table(told))
            self.stdout.write("Keep these now: they are not shown again, nor kept in the clear.")
        else:
            self.stdout.write("Everybody is there already; passwords stay as they are.")
