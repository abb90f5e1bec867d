"""The page of one user in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faceitbot.core import clock
from faceitbot.core.charting import chart
from faceitbot.staff_room.steps import NextStep, give_access, open_case, reset_requests
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


class UserPage(UserAdmin):
    """The page of a user with what the other domains know of him."""

    actions = (*UserAdmin.actions, "start_campaign")
    change_form_outer_before_template = "staff_room/user.html"
    change_form_outer_after_template = None  # the story tells what staff did

    def page_context(self, request: HttpRequest, row: User) -> dict[str, Any]:
        return {"subtitle": self.name_of(row), **_known(request, row)}

    @admin.action(
        description=gettext_lazy("Give access to all of these (campaign)"), permissions=["campaign"]
    )
    def start_campaign(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse:
        return start_campaign(self, request, queryset)

    def has_campaign_permission(self, request: HttpRequest) -> bool:
        return may(request, "subscriptions.add_campaign")


def _known(request: HttpRequest, user: User) -> dict[str, Any]:
    now = clock.now()
    row = UserSubscription.objects.filter(user=user).select_related("referred_by").first()
    uses = SubscriptionRepository().explain_access.blocking(user.pk, now=now)
    kind = request.GET.get("kind", "")
    days = UserRepository().get_activity_by_day.blocking(user.pk, ACTIVITY_DAYS, now=now)
    return {
        "activity": chart(_("Requests"), days),
        "activity_days": ACTIVITY_DAYS,
        "head": head(user, row, now),
        "bar": access_bar(uses, now),
        "explained": explained(uses),
        "story": story(user, kind),
        "kinds": KINDS,
        "kind": kind,
        "steps": _steps(request, user, row),
    }


def _steps(request: HttpRequest, user: User, row: UserSubscription | None) -> list[NextStep]:
    if user.erased_at:
        return []
    steps = [give_access(request, row.pk), reset_requests(request, row.pk)] if row else []
    return [*steps, open_case(request, user)]
