"""`/metrics` for staff who are signed in; for everybody else there is nothing here."""

from django.contrib import admin
from django.contrib.auth.models import User as StaffAccount
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from faceitbot.accounts import second_factor
from faceitbot.core.monitoring.exposing import exposed
from faceitbot.health.page import MAY_VIEW


@require_safe
def metrics_view(request: HttpRequest) -> HttpResponse:
    """Show the metrics of this process as text."""
    account = request.user
    if not (
        isinstance(account, StaffAccount)
        and admin.site.has_permission(request)
        and second_factor.missing_step(account) is None
        and account.has_perm(MAY_VIEW)
    ):
        raise Http404
    body, content_type = exposed()
    return HttpResponse(body, content_type=content_type, headers={"Cache-Control": "no-store"})
