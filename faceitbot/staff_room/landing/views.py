"""The first page, and the part of it that takes longer and is fetched when the page stands."""

from typing import Any, cast

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from faceitbot.core import clock
from faceitbot.staff_room.landing.charts import charts
from faceitbot.staff_room.landing.events import events_of, happened
from faceitbot.staff_room.landing.figures import cards
from faceitbot.staff_room.landing.needs import needs
from faceitbot.staff_room.landing.period import CHOICES, Period


def landing(request: HttpRequest) -> dict[str, Any]:
    """Give the template of the first page what this member of staff may see."""
    staff, now = cast("User", request.user), clock.now()
    period = Period.asked_for(request.GET.get("days", ""), now)
    return {
        "may_find": staff.has_perm("subscriptions.view_payment"),
        "may_see_figures": staff.has_perm("users.view_user"),
        "needs": needs(staff, now),
        "events": events_of(happened(staff.has_perm)),
        "period": period,
        "periods": CHOICES,
    }


def figures_view(request: HttpRequest) -> HttpResponse:
    """Give the figures and charts of a period, as a part of the first page."""
    staff = cast("User", request.user)
    if not staff.has_perm("users.view_user"):
        return HttpResponse(status=403)
    period = Period.asked_for(request.GET.get("days", ""), clock.now())
    with_money = staff.has_perm("subscriptions.view_payment")
    context = {
        "cards": cards(period, with_money=with_money),
        **charts(period, with_money=with_money),
    }
    return TemplateResponse(request, "staff_room/figures.html", context)
