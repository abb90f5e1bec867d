"""What the rows of a list come to, above the list."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from faceitbot.core.lists.counting import Aggregates, add_up
from faceitbot.core.lists.time_limit import TookTooLong
from faceitbot.core.staff import StaffPages
from subscriptions.models import StarDirection

# Money that was matched, and what of it went back. The month report counts each on its own day: it says the
# same as `gross` of a list that is narrowed by when payments were completed, and as `refunded` of one that is
# narrowed by when they were refunded.
MONEY: Aggregates = {
    "gross": Sum("amount", filter=Q(completed_at__isnull=False), default=0),
    "refunded": Sum("amount", filter=Q(completed_at__isnull=False, refunded_at__isnull=False), default=0),
    "net": Sum("amount", filter=Q(completed_at__isnull=False, refunded_at=None), default=0),
}
# Whole Stars, as the list shows them; the billionths of all its rows are not one Star as a rule.
TRANSFERS: Aggregates = {
    "received": Sum("amount", filter=Q(direction=StarDirection.IN), default=0),
    "sent": Sum("amount", filter=Q(direction=StarDirection.OUT), default=0),
}


class TotalsPages(StaffPages):
    """Pages whose list says what the rows on all its pages come to, in Stars."""

    totals_titles: Mapping[str, Any]
    list_before_template = "staff_room/totals.html"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_GET(self.totals_view))
        name = f"{self.opts.app_label}_{self.opts.model_name}_totals"
        return [path("totals/", view, name=name), *super().get_urls()]

    def totals_view(self, request: HttpRequest) -> HttpResponse:
        """Add up a list that is too long for doing so before it is shown."""
        if not self.has_view_permission(request):
            return HttpResponse(status=403)
        chosen = self.get_changelist_instance(request)
        context: dict[str, Any] = {"cl": chosen}
        try:
            context["counted"] = add_up(chosen.queryset, self.list_totals)
        except TookTooLong:
            context["sentence"] = _("These are too many to add up; choose fewer by a filter.")
        return TemplateResponse(request, "staff_room/totals_line.html", context)


class MoneyTotals(TotalsPages):
    """The totals of payments."""

    list_totals = MONEY
    totals_titles: Mapping[str, Any] = {"gross": _("Earned"), "refunded": _("Given back"), "net": _("Net")}


class TransferTotals(TotalsPages):
    """The totals of Telegram's own list."""

    list_totals = TRANSFERS
    totals_titles: Mapping[str, Any] = {"received": _("Received"), "sent": _("Sent")}
