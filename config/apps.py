"""Wires the three apps together; an app itself only for its commands and system checks."""

from importlib import import_module

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Configuration."""

    name = "config"
    verbose_name = "Configuration"

    def ready(self) -> None:
        """Register the system checks, and the queue that every process hands work to, not only workers."""
        import_module("config.checks")
        import_module("config.celery")
