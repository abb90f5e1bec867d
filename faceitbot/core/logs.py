"""Log lines: one event each, JSON for machines or key-value on a terminal, ours and Django's alike."""

import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from faceitbot.core.correlation import correlation_id


def add_correlation_id(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Put the current correlation id on the line, where there is one."""
    current = correlation_id()
    if current:
        event.setdefault("correlation_id", current)
    return event


def _drop_color_message(_logger: object, _method: str, event: EventDict) -> EventDict:
    event.pop("color_message", None)  # uvicorn says each thing twice
    return event


def logging_config(log_format: str, level: str) -> dict[str, Any]:
    """Give the `LOGGING` setting, and make structlog write through it.

    `log_format` is "json", "console", or "auto": console on a terminal, JSON elsewhere.
    """
    on_terminal = sys.stderr.isatty()
    as_json = log_format == "json" or (log_format == "auto" and not on_terminal)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        add_correlation_id,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        _drop_color_message,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    rendering: list[Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if as_json
        else [structlog.dev.ConsoleRenderer(colors=on_terminal)]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "event": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
            },
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "event"}},
        "root": {"handlers": ["stderr"], "level": level},
        # These bring handlers of their own, which would write lines of another shape.
        "loggers": {
            name: {"handlers": [], "level": "NOTSET", "propagate": True}
            for name in ("django", "django.server", "uvicorn", "uvicorn.error")
        }
        # The request middleware writes its own line for each request; Django's would be a second.
        | {"django.request": {"level": "ERROR"}, "uvicorn": {"handlers": [], "level": "WARNING"}}
        # It would tell of each login in four lines, whose names it masks; a locked account is a warning.
        | {"axes": {"level": "WARNING"}}
        # Each failure to connect reaches a caller, who says it once.
        | {"psycopg.pool": {"level": "ERROR"}},
    }
