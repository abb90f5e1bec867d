"""Notices to users."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from faceitbot.core.display import moment
from faceitbot.core.periods import PeriodFilter
from subscriptions.admin.pages import label
from subscriptions.models import Notice
from users.staff_pages import UserFactsAdmin

NOTICE_COLOURS = {"sent": "success", "given up": "danger", "waits": "info"}


@admin.register(Notice)
class NoticeAdmin(UserFactsAdmin):
    """What the bot has told users, or is about to."""

    list_display = ("show_user", "kind", "show_written", "show_state", "attempts")
    list_filter = (PeriodFilter, "kind")
    list_filter_sheet = False
    ordering = ("-created_at", "id")
    sortable_by = ("show_written",)
    fieldsets = (
        (None, {"fields": (("show_user", "kind"), "data", ("created_at", "state_label"))}),
        (_("Delivery"), {"fields": (("attempts", "claimed_until"), ("sent_at", "given_up_at"))}),
    )
    readonly_fields = ("show_user", "state_label")

    @display(description=_("Written"), ordering="created_at")
    def show_written(self, notice: Notice) -> str:
        return moment(notice.created_at)

    @display(description=_("State"))
    def state_label(self, notice: Notice) -> str:
        return label(self.show_state(notice), NOTICE_COLOURS)

    @display(description=_("State"), label=NOTICE_COLOURS)
    def show_state(self, notice: Notice) -> tuple[str, Any]:
        if notice.sent_at:
            return "sent", _("sent")
        return ("given up", _("given up")) if notice.given_up_at else ("waits", _("waits"))
