"""The page of all checks, for staff."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import User as StaffAccount
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from faceitbot.core.health import registry
from faceitbot.core.health.checks import Verdict, overall
from faceitbot.core.health.looking import look
from faceitbot.core.health.memory import remember

MAY_VIEW = "core.view_jobrun"
_ICONS = {"fine": "check_circle", "degraded": "warning", "down": "error", "unknown": "help"}


def health_view(request: HttpRequest) -> HttpResponse:
    """Show how everything is."""
    if not cast("StaffAccount", request.user).has_perm(MAY_VIEW):
        raise PermissionDenied
    verdicts = remember(look(registry.checks()))
    bad = [verdict for verdict in verdicts if verdict.is_bad]
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Health"),
        "state": overall(verdicts),
        "bad": [_row(verdict) for verdict in bad],
        "fine": [_row(verdict) for verdict in verdicts if not verdict.is_bad],
    }
    return TemplateResponse(request, "staff_room/health.html", context)


def _row(verdict: Verdict) -> dict[str, Any]:
    step = str(verdict.next_step)
    return {
        "verdict": verdict,
        "icon": _ICONS[verdict.state],
        "page": step if step.startswith("/") else "",
        "command": "" if step.startswith("/") else step,
    }
