"""Django itself: apps, middleware, templates, database, cache, people and sessions."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ

from config import env, mail
from config.build import build_id
from trading.dashboard.unfold import UNFOLD  # noqa: F401

from .celery import *  # noqa: F403
from .logging import *  # noqa: F403
from .trading import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parents[2]
ENVIRONMENT = env.current()
BUILD_ID = ENVIRONMENT.text("BUILD_ID") or build_id(BASE_DIR)

SITE_URL = ENVIRONMENT.text("SITE_URL")
SITE_HOST = urlsplit(SITE_URL).hostname or "localhost"
SECRET_KEY = ENVIRONMENT.secret("DJANGO_SECRET_KEY").reveal()
SECRET_KEY_FALLBACKS = [
    key.strip() for key in ENVIRONMENT.secret("DJANGO_SECRET_KEY_FALLBACKS").reveal().split(",") if key.strip()
]
DEBUG = False
# Health probes ask by the number of this machine.
ALLOWED_HOSTS = [*(ENVIRONMENT.items("ALLOWED_HOSTS") or [SITE_HOST]), "127.0.0.1"]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "config",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.simple_history",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "channels",
    "pgtrigger",
    "simple_history",
    "audit",
    "risk",
    "trading",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.logs.RequestIdMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "audit.middleware.RequestContext",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.second_factor.SecondFactorMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "trading.dashboard.presenters.frame.context",
            ],
        },
    }
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **environ.Env.db_url_config(ENVIRONMENT.secret("DATABASE_URL").reveal()),
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 60,
    }
}
# Parameters go apart from the statement, and a statement that comes again is planned once per connection: planning what
# the gate reads takes longer than reading it.
# A server that went away without a word is noticed within a quarter of a minute, not after the kernel's quarter of an
# hour: else the stream would stay deaf, and the watchdog blind, for so long.
DATABASES["default"]["OPTIONS"] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 14_000,
    **DATABASES["default"].get("OPTIONS", {}),
    "server_side_binding": True,
    "prepare_threshold": 2,
}
if owner_url := ENVIRONMENT.secret("DATABASE_OWNER_URL"):
    # Only `manage.py migrate` and `prepare_database` connect by this alias.
    DATABASES["owner"] = environ.Env.db_url_config(owner_url.reveal())

REDIS_URL = ENVIRONMENT.secret("REDIS_URL").reveal()
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "gatehouse",
    }
}
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "gatehouse"},
    }
}

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"] if (BASE_DIR / "static").is_dir() else []

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# People are made by an administrator, never by signing up.
ACCOUNT_ADAPTER = "config.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
MFA_ADAPTER = "config.factors.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_TOTP_ISSUER = "Gatehouse"
# Without TLS the browser offers WebAuthn for http://localhost alone.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = SITE_URL.startswith("http://")

AXES_VERBOSE = False
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True

ALERT_URLS = ENVIRONMENT.secret("ALERT_URLS")
ALERT_ESCALATE_MINUTES = ENVIRONMENT.number("ALERT_ESCALATE_MINUTES")
METRICS_TOKEN = ENVIRONMENT.secret("METRICS_TOKEN")
DEADMAN_URL = ENVIRONMENT.secret("DEADMAN_URL")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRONMENT.text("EMAIL_FROM")
MAILERS = mail.mailers(ENVIRONMENT.secret("EMAIL_URL"))
