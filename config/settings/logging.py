"""Logs: structlog for our lines and for everybody else's, JSON for machines or a console for people."""

from typing import Any

import structlog

from config import env, logs

_environment = env.current()
_mode = "simulated" if _environment.text("VENUE_CONTROL_URL") else _environment.text("TRADING_MODE")


def _with_mode(logger: Any, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    event.setdefault("mode", _mode)
    return event


_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _with_mode,
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
    logs.scrub,
]
_RENDERER: structlog.typing.Processor = (
    structlog.processors.JSONRenderer()
    if _environment.text("LOG_FORMAT") == "json"
    else structlog.dev.ConsoleRenderer(colors=False)
)

structlog.configure(
    processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structured": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _SHARED,
            "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _RENDERER],
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["stderr"], "level": _environment.text("LOG_LEVEL")},
    "loggers": {
        "django": {"level": "INFO"},
        # A line for every task, several a second, would bury the rest.
        "celery.app.trace": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        # These log whole requests, headers included, below WARNING.
        "urllib3": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "websockets": {"level": "WARNING"},
        "apprise": {"level": "WARNING"},
    },
}
