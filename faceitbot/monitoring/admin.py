"""The page of errors."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display

from faceitbot.core.display import code, copyable, digits, moment
from faceitbot.core.models import ErrorGroup
from faceitbot.core.staff import ReadOnlyAdmin


@admin.register(ErrorGroup)
class ErrorGroupAdmin(ReadOnlyAdmin):
    """What went wrong where, how often, and the id by which the log tells more; newest first."""

    list_display = (
        "show_error",
        "show_method",
        "number_count",
        "show_first_seen",
        "show_last_seen",
        "show_correlation_id",
    )
    search_fields = ("method", "error_class", "last_correlation_id")
    search_help_text = _("Part of the method, of the class, or of the correlation id.")
    fieldsets = (
        (None, {"fields": (("show_error", "show_method"), ("number_count", "mailed_at"))}),
        (_("When"), {"fields": (("first_seen", "last_seen"), "show_correlation_id")}),
    )
    readonly_fields = ("show_error", "show_method", "number_count", "show_correlation_id")

    @display(description=_("Class"))
    def show_error(self, group: ErrorGroup) -> str:
        return code(group.error_class)

    @display(description=_("Method"))
    def show_method(self, group: ErrorGroup) -> str:
        return code(group.method)

    @display(description=_("Count"))
    def number_count(self, group: ErrorGroup) -> str:
        return digits(group.count)

    @display(description=_("First seen"))
    def show_first_seen(self, group: ErrorGroup) -> str:
        return moment(group.first_seen)

    @display(description=pgettext_lazy("error", "Last seen"))
    def show_last_seen(self, group: ErrorGroup) -> str:
        return moment(group.last_seen)

    @display(description=_("last correlation id"))
    def show_correlation_id(self, group: ErrorGroup) -> str:
        return copyable(group.last_correlation_id)
