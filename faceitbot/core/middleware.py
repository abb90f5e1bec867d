"""What surrounds each HTTP request: correlation id, log line, language, time zone."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from time import perf_counter
from typing import Any, cast

import structlog
from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation
from django.utils.decorators import sync_and_async_middleware

from faceitbot.core.clock import bot_zone
from faceitbot.core.correlation import correlation
from faceitbot.core.monitoring.requests import note_request

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
def staff_language(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Speak the language that was chosen in the menu, Russian until then; the browser's is not asked."""
    return _inside(lambda request: translation.override(_language(request)), get_response)


@sync_and_async_middleware
def bot_time_zone(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Show every time on every page in `BOT_TIME_ZONE`."""
    return _inside(lambda _request: timezone.override(bot_zone()), get_response)


def _inside(
    scope: Callable[[HttpRequest], AbstractContextManager[None]], get_response: Callable[[HttpRequest], Any]
) -> Callable[[HttpRequest], Any]:
    if iscoroutinefunction(get_response):

        async def asynchronous(request: HttpRequest) -> HttpResponseBase:
            with scope(request):
                return cast("HttpResponseBase", await get_response(request))

        return asynchronous

    def synchronous(request: HttpRequest) -> HttpResponseBase:
        with scope(request):
            return cast("HttpResponseBase", get_response(request))

    return synchronous


def _language(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _finish(
    request: HttpRequest, response: HttpResponseBase, current: str, started: float
) -> HttpResponseBase:
    response.headers[HEADER] = current
    seconds = perf_counter() - started
    note_request(request.method, response.status_code, seconds)
    log.info(
        "request.finished",
        method=request.method,
        path=request.path,
        status=response.status_code,
        duration_ms=round(seconds * 1000, 1),
    )
    return response
