"""The staff's admin site."""

from collections.abc import Callable
from typing import Any, cast

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from faceitbot.staff_room.finding import find_view
from faceitbot.staff_room.landing.views import figures_view, landing
from faceitbot.staff_room.month_report.views import month_file_view, month_report_view

# Alpine.js, which unfold's pages run on, compiles its attributes with `Function` and sets styles inline.
_RELAXED = {"script-src": [SELF, UNSAFE_EVAL, UNSAFE_INLINE], "style-src": [SELF, UNSAFE_INLINE]}


class StaffSite(UnfoldAdminSite):
    """Unfold's site with a content policy that its pages work under; the rest of the site stays strict."""

    site_title = _("faceitbot")
    index_title = _("Overview")

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        return csp_update(_RELAXED)(super().admin_view(view, cacheable))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        relaxed = cast("Callable[..., HttpResponse]", csp_update(_RELAXED)(super().login))
        return relaxed(request, extra_context)

    def get_urls(self) -> list[Any]:
        return [
            path("find/", self.admin_view(find_view), name="find"),
            path("figures/", self.admin_view(figures_view), name="figures"),
            path("month/", self.admin_view(month_report_view), name="month_report"),
            path("month/file/", self.admin_view(month_file_view), name="month_file"),
            *super().get_urls(),
        ]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return cast("HttpResponse", super().index(request, {**landing(request), **(extra_context or {})}))
