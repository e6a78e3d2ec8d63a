"""The addresses of the site."""

from pathlib import Path

from django.contrib import admin
from django.urls import include, path

from config import health

urlpatterns = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
if (Path(__file__).resolve().parents[1] / "trading/dashboard/urls.py").exists():
    urlpatterns.append(path("", include("trading.dashboard.urls")))
