"""The page, and the snapshot over HTTP for browsers that no websocket reaches."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from faceitbot.live.admission import may_watch
from faceitbot.live.snapshots import snapshots


@require_GET
def live_view(request: HttpRequest) -> HttpResponse:
    """Show the page; its script fills it."""
    if not may_watch(request.user):
        raise PermissionDenied
    figures = (
        ("active_now", _("Active now"), _("Within five minutes. The change is that of the last hour.")),
        ("requests", _("Requests a minute"), _("On average of the last hour.")),
        ("revenue", _("Revenue today"), _("Since midnight. Refunds are not taken off.")),
        ("errors", _("Errors"), _("Requests that failed within the last hour.")),
        ("p95", _("Analyses, p95"), _("Of the analyses of the last hour, one in twenty took longer.")),
        ("hit_rate", _("Cache hit rate"), _("Analyses of the last hour that were made from stored data.")),
    )
    charts = (
        ("requests", _("Requests and errors, 6 hours")),
        ("times", _("Seconds that analyses took, 6 hours")),
        ("active", _("Active users, 30 days")),
        ("revenue", _("Earned, less refunds, 30 days")),
    )
    context = {
        **admin.site.each_context(request),
        "title": _("Right now"),
        "language": get_language(),
        "figures": figures,
        "charts": charts,
    }
    return TemplateResponse(request, "staff_room/live.html", context)


@require_GET
def snapshot_view(request: HttpRequest) -> HttpResponseBase:
    """Give the snapshot that websockets get; 304 where it says what the asker has."""
    if not may_watch(request.user):
        raise PermissionDenied
    told = snapshots.current().told(get_language() or "")
    response = HttpResponse(told.text, content_type="application/json", headers={"ETag": told.etag})
    return get_conditional_response(request, etag=told.etag, response=response) or response
