"""`python -m config.deploy_check`: Django's deployment checks over production's settings; any warning fails."""

import os
import secrets
import sys

from config import env


def main() -> int:
    """Check a live site behind TLS with made-up secrets; nothing is connected to."""
    env.use(
        {
            "TRADING_MODE": "live",
            "LIVE_TRADING_ENABLED": "true",
            "ALPACA_API_KEY": "AK" + secrets.token_hex(9).upper(),
            "ALPACA_SECRET_KEY": secrets.token_hex(20),
            "ALPACA_ACCOUNT_NUMBER": "123456789",
            "ALPACA_BASE_URL": "https://api.alpaca.markets",
            "DATABASE_URL": f"postgresql://gatehouse:{secrets.token_hex(16)}@127.0.0.1:1/gatehouse",
            "REDIS_URL": f"redis://:{secrets.token_hex(16)}@127.0.0.1:1/0",
            "DJANGO_SECRET_KEY": secrets.token_urlsafe(50),
            "SITE_URL": "https://desk.internal",
            "ALERT_URLS": f"json://{secrets.token_hex(16)}@alerts.internal",
            "DEADMAN_URL": "https://deadman.internal/desk",
            "EMAIL_URL": f"smtp+tls://desk:{secrets.token_hex(16)}@mail.internal:587",
        }
    )
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.production"
    import django
    from django.core.management import call_command
    from django.core.management.base import SystemCheckError

    django.setup()
    try:
        call_command("check", deploy=True, fail_level="WARNING", verbosity=0)
    except SystemCheckError as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
