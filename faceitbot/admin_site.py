"""The staff's admin site."""

from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from faceitbot.accounts import second_factor_pages as second_factor
from faceitbot.accounts.gate import after_password, behind_second_factor
from faceitbot.accounts.passwords import audited_password, behind_old_password
from faceitbot.content_policy import relaxed
from faceitbot.health.page import health_view
from faceitbot.live.page import live_view, snapshot_view
from faceitbot.staff_room.finding import find_view
from faceitbot.staff_room.landing.views import figures_view, landing
from faceitbot.staff_room.month_report.views import month_file_view, month_report_view


class StaffSite(UnfoldAdminSite):
    """Unfold's site: its pages stand behind the second factor, under the content policy that they need."""

    site_title = _("faceitbot")
    index_title = _("Overview")

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        guarded: Callable[..., Any] = super().admin_view(behind_second_factor(view), cacheable)
        return relaxed(guarded)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return cast("HttpResponse", relaxed(super().login)(request, extra_context))

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        view = super().password_change

        def audited() -> HttpResponse:
            return audited_password(request, request.user.pk, lambda: view(request, extra_context))

        return behind_old_password(request, audited)

    def get_urls(self) -> list[Any]:
        return [
            path("second-factor/", after_password(second_factor.verify_view), name="second_factor_verify"),
            path(
                "second-factor/set-up/", after_password(second_factor.enrol_view), name="second_factor_enrol"
            ),
            path("second-factor/own/", self.admin_view(second_factor.own_view), name="second_factor_own"),
            path(
                "second-factor/codes/",
                self.admin_view(second_factor.renew_codes_view),
                name="second_factor_codes",
            ),
            path(
                "second-factor/anew/",
                self.admin_view(second_factor.start_anew_view),
                name="second_factor_anew",
            ),
            path("find/", self.admin_view(find_view), name="find"),
            path("figures/", self.admin_view(figures_view), name="figures"),
            path("month/", self.admin_view(month_report_view), name="month_report"),
            path("month/file/", self.admin_view(month_file_view), name="month_file"),
            path("live/", self.admin_view(live_view), name="live"),
            path("live/snapshot/", self.admin_view(snapshot_view), name="live_snapshot"),
            path("health/", self.admin_view(health_view), name="health"),
            *super().get_urls(),
        ]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return cast("HttpResponse", super().index(request, {**landing(request), **(extra_context or {})}))
