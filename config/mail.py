"""Where the program's mail goes, from one address."""

from typing import Any

import environ

from config.env.secret import Secret

TIMEOUT_SECONDS = 10


def mailers(url: Secret) -> dict[str, dict[str, Any]]:
    """Return Django's MAILERS for an address such as smtp+tls://USER:PASSWORD@HOST:587; without one mail is printed."""
    if not url:
        return {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}
    parts = environ.Env.email_url_config(url.reveal())
    options = {
        "host": parts["EMAIL_HOST"],
        "port": parts["EMAIL_PORT"] or 25,
        "username": parts["EMAIL_HOST_USER"] or "",
        "password": parts["EMAIL_HOST_PASSWORD"] or "",
        "use_tls": parts.get("EMAIL_USE_TLS", False),
        "use_ssl": parts.get("EMAIL_USE_SSL", False),
        "timeout": TIMEOUT_SECONDS,
    }
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
