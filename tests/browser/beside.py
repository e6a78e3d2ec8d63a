"""Work beside the browser: Playwright's loop occupies the test's thread, so the database is asked from another one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def beside[T](work: Callable[[], T]) -> T:
    """What `work` returns, done in a thread of its own with connections of its own."""

    def alone() -> T:
        from django.db import connections

        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(alone).result()
