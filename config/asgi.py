"""The door of web pages and WebSockets."""

import os
import sys

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application

from config.env import UnableToStart

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

try:
    _pages = get_asgi_application()
except UnableToStart as refusal:
    sys.exit(str(refusal))

# Imported after Django is set up, because consumers import models.
from trading.dashboard.routing import websocket_urlpatterns

application = ProtocolTypeRouter(
    {
        "http": _pages,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
