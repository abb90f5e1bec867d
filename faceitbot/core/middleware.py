"""One correlation id and one log line for each HTTP request."""

from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any, cast

import structlog
from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.decorators import sync_and_async_middleware

from faceitbot.core.clock import bot_zone
from faceitbot.core.correlation import correlation

log = structlog.get_logger(__name__)
HEADER = "X-Request-ID"


@sync_and_async_middleware
def request_log(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Take the caller's `X-Request-ID` or make one, return it, and log how the request ended."""
    if iscoroutinefunction(get_response):
        answer = cast("Callable[[HttpRequest], Awaitable[HttpResponseBase]]", get_response)

        async def asynchronous(request: HttpRequest) -> HttpResponseBase:
            with correlation(request.headers.get(HEADER)) as current:
                started = perf_counter()
                return _finish(request, await answer(request), current, started)

        return asynchronous

    def synchronous(request: HttpRequest) -> HttpResponseBase:
        with correlation(request.headers.get(HEADER)) as current:
            started = perf_counter()
            return _finish(request, get_response(request), current, started)

    return synchronous


@sync_and_async_middleware
def bot_time_zone(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Show every time on every page in `BOT_TIME_ZONE`."""
    if iscoroutinefunction(get_response):

        async def asynchronous(request: HttpRequest) -> HttpResponseBase:
            with timezone.override(bot_zone()):
                return cast("HttpResponseBase", await get_response(request))

        return asynchronous

    def synchronous(request: HttpRequest) -> HttpResponseBase:
        with timezone.override(bot_zone()):
            return cast("HttpResponseBase", get_response(request))

    return synchronous


def _finish(
    request: HttpRequest, response: HttpResponseBase, current: str, started: float
) -> HttpResponseBase:
    response.headers[HEADER] = current
    log.info(
        "request.finished",
        method=request.method,
        path=request.path,
        status=response.status_code,
        duration_ms=round((perf_counter() - started) * 1000, 1),
    )
    return response
