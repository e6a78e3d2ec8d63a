"""The door of web pages and WebSockets."""

import os
import sys
from datetime import UTC, datetime

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.db import connections

from config.env import UnableToStart

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

try:
    _pages = get_asgi_application()
except UnableToStart as refusal:
    sys.exit(str(refusal))

# Imported after Django is set up, because consumers import models.
from risk import taking_up
from trading.dashboard.routing import websocket_urlpatterns

# Before the first request: halts that were raised without the database are recorded.
taking_up.take_up(now=datetime.now(UTC))
connections.close_all()

application = ProtocolTypeRouter(
    {
        "http": _pages,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
