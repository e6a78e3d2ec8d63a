"""The address of the desk's socket."""

from django.urls import path

from trading.dashboard.consumers import Desk

websocket_urlpatterns = [path("ws/desk/", Desk.as_asgi())]
