"""What tests run: production's settings over an environment of their own; the process's is not looked at.

`tests/conftest.py` puts the addresses of the services it started into DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL.
Without them (checks, unit tests) nothing listens at the addresses below.
"""

import os
from pathlib import Path
from tempfile import gettempdir
from urllib.parse import urlsplit, urlunsplit

from config import env

_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
if run := os.environ.get("GATEHOUSE_TEST_RUN"):
    # Each worker, with every process it starts, has a database of its own.
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        os.environ[name] = urlunsplit(urlsplit(os.environ[name])._replace(path=f"/{run}_{_WORKER}"))

_NOBODY = "postgresql://program:nothing-listens-here@127.0.0.1:1/gatehouse"
_KEYS = {"ALPACA_API_KEY": "PKTESTTESTTEST234567", "ALPACA_SECRET_KEY": "fEdCbA9876543210fEdCbA9876543210fEdCbA98"}

env.use(
    {
        **_KEYS,
        "DATABASE_URL": os.environ.get("DATABASE_URL", _NOBODY),
        "DATABASE_OWNER_URL": os.environ.get("DATABASE_OWNER_URL", _NOBODY.replace("program", "owner")),
        "REDIS_URL": os.environ.get("REDIS_URL", "redis://:nothing-listens-here@127.0.0.1:1/0"),
        "DJANGO_SECRET_KEY": "tests-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFG",
        "LOG_FORMAT": "console",
        "LOG_LEVEL": "WARNING",
        "BUILD_ID": "test",
        # Nobody's halts but the tests' own.
        "HALT_DIRECTORY": str(Path(gettempdir()) / f"{run or 'test'}-{_WORKER}-halts"),
    }
)

from .production import *  # noqa: E402, F403
from .production import CACHES, CELERY_BROKER_TRANSPORT_OPTIONS, CHANNEL_LAYERS, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
_PREFIX = f"{run or 'test'}-{_WORKER}"
CACHES["default"]["KEY_PREFIX"] = CHANNEL_LAYERS["default"]["CONFIG"]["prefix"] = _PREFIX
CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = f"{_PREFIX}."
