"""The addresses of the site."""

from django.contrib import admin
from django.urls import include, path

from config import health, metrics

urlpatterns = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("metrics", metrics.metrics, name="metrics"),
    path("accounts/", include("config.own_account")),
    path("admin/", admin.site.urls),
    path("", include("trading.dashboard.urls")),
]
