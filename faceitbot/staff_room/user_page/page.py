"""The page of one user in the admin."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faceitbot.core import clock
from faceitbot.core.charting import chart
from faceitbot.staff_room.steps import NextStep, edit, give_access, open_case, page_of, reset_requests
from faceitbot.staff_room.user_page.access_bar import access_bar, explained
from faceitbot.staff_room.user_page.head import head
from faceitbot.staff_room.user_page.story import KINDS, story
from subscriptions.admin.campaign_start import start_campaign
from subscriptions.admin.pages import may
from subscriptions.models import UserSubscription
from subscriptions.repositories import SubscriptionRepository
from users.admin import UserAdmin
from users.models import User
from users.repositories import UserRepository

ACTIVITY_DAYS = 90
EDIT = "edit"
YEARS_KNOWN = range(2000, 9999)  # far from both ends of what a date can be, in any zone


class UserPage(UserAdmin):
    """The page of a user with what the other domains know of him."""

    actions = (*UserAdmin.actions, "start_campaign")
    change_form_template = "staff_room/user_form.html"
    change_form_outer_after_template = None  # the story tells what staff did

    def page_context(self, request: HttpRequest, row: User) -> dict[str, Any]:
        """Give what is known of a user; to change what is stored is asked for with the address."""
        may_change = self.has_change_permission(request, row)
        if may_change and (request.method == "POST" or EDIT in request.GET):
            return {"subtitle": self.name_of(row), "editing": True}
        return {"subtitle": self.name_of(row), **_known(request, row, may_change=may_change)}

    def response_post_save_change(self, request: HttpRequest, obj: User) -> HttpResponse:
        return HttpResponseRedirect(page_of(obj))

    @admin.action(
        description=gettext_lazy("Give access to all of these (campaign)"), permissions=["campaign"]
    )
    def start_campaign(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse:
        return start_campaign(self, request, queryset)

    def has_campaign_permission(self, request: HttpRequest) -> bool:
        return may(request, "subscriptions.add_campaign")


def _known(request: HttpRequest, user: User, *, may_change: bool) -> dict[str, Any]:
    now = clock.now()
    row = UserSubscription.objects.filter(user=user).select_related("referred_by").first()
    uses = SubscriptionRepository().explain_access.blocking(user.pk, now=now)
    kind, before = request.GET.get("kind", ""), _moment(request.GET.get("before", ""))
    days = UserRepository().get_activity_by_day.blocking(user.pk, ACTIVITY_DAYS, now=now)
    return {
        "activity": chart(_("Requests"), days),
        "activity_days": ACTIVITY_DAYS,
        "head": head(user, row, now),
        "bar": access_bar(uses, now),
        "explained": explained(uses),
        "story": story(user, kind, before),
        "kinds": KINDS,
        "kind": kind,
        "is_older": before is not None,
        "steps": _steps(request, user, row, may_change=may_change),
    }


def _steps(
    request: HttpRequest, user: User, row: UserSubscription | None, *, may_change: bool
) -> list[NextStep]:
    if user.erased_at:
        return []
    steps = [give_access(request, row.pk), reset_requests(request, row.pk)] if row else []
    return [*steps, open_case(request, user), edit(user, EDIT, may_change=may_change)]


def _moment(text: str) -> datetime | None:
    """Read a moment out of an address; None for any other text."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo and YEARS_KNOWN.start <= found.year < YEARS_KNOWN.stop else None
