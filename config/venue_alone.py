"""The trading app as the simulated venue needs it: its commands, without models, database or the rest of the house."""

from django.apps import AppConfig


class VenueAlone(AppConfig):
    """Finds `manage.py venue`; the app's models are never imported."""

    name = "trading"
    verbose_name = "trading (venue alone)"

    def import_models(self) -> None:
        """Import none."""
        self.models = {}
