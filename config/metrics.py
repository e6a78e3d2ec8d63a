"""`/metrics` for Prometheus: figures read from rows when asked, behind a bearer token; closed without one."""

from collections.abc import Iterator
from typing import ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

from trading.watching import gauges

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with every figure; 404 while METRICS_TOKEN is empty, 401 for another token."""
    expected = settings.METRICS_TOKEN.reveal()
    if not expected:
        return HttpResponse("Set METRICS_TOKEN to open this page.\n", status=404, content_type="text/plain")
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not constant_time_compare(token, expected):
        answer = HttpResponse("Send the token as Authorization: Bearer.\n", status=401, content_type="text/plain")
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Desk())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE)


class _Desk:
    """Hands the desk's figures to the library that writes them down."""

    prefix: ClassVar[str] = "gatehouse_"

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for gauge in gauges.read(timezone.now()):
            names = [name for name, _ in gauge.samples[0][0]] if gauge.samples else []
            family = GaugeMetricFamily(f"{self.prefix}{gauge.name}", gauge.meaning, labels=names)
            for labels, value in gauge.samples:
                family.add_metric([text for _, text in labels], float(value))
            yield family

    def describe(self) -> list[GaugeMetricFamily]:
        return []
