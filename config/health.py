"""Health for load balancers and orchestrators: is the process alive, can it do its work. Tells no detail."""

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

TIMEOUT_SECONDS = 2


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """Answer 200 while the process answers at all."""
    return JsonResponse({"status": "ok", "mode": settings.TRADING_MODE, "build": settings.BUILD_ID})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database and queue answer, else 503, saying which does not."""
    services = {"database": _database_answers(), "redis": _redis_answers()}
    sound = all(services.values())
    parts = {name: "ok" if answers else "unreachable" for name, answers in services.items()}
    body = {"status": "ok" if sound else "unavailable", "mode": settings.TRADING_MODE, **parts}
    return JsonResponse(body, status=200 if sound else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _redis_answers() -> bool:
    timeout = TIMEOUT_SECONDS
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=timeout, socket_connect_timeout=timeout)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
