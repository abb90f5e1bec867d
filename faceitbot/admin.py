"""Pages about imports, jobs, staff accounts, and that of a user, with what all domains know of him."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display

from faceitbot.accounts import account_pages, group_pages
from faceitbot.core.display import EMPTY, copyable, digits, moment
from faceitbot.core.staff import ReadOnlyAdmin
from faceitbot.jobs.admin import JobRunAdmin
from faceitbot.models import ImportRefusal, ImportRun
from faceitbot.monitoring.admin import ErrorGroupAdmin
from faceitbot.staff_room.user_page.page import UserPage
from users.models import User

__all__ = ["ErrorGroupAdmin", "JobRunAdmin", "account_pages", "group_pages"]
admin.site.register(User, UserPage)


class ImportRefusalInline(TabularInline):
    """The records that an import kept out, a page at a time."""

    model = ImportRefusal
    fields = readonly_fields = ("record", "line", "telegram_id", "code", "sentence")
    per_page = 20
    can_delete = False
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    """What was imported when, and what was kept out; newest first."""

    list_display = (
        "show_started",
        "file_name",
        "show_state",
        "number_created",
        "number_updated",
        "number_unchanged",
        "number_newer",
        "number_refused",
    )
    search_fields = ("file_name", "sha256")
    search_help_text = _("Part of the file's name, or its SHA-256.")
    fieldsets = (
        (None, {"fields": (("file_name", "state"), ("started_at", "finished_at"), "as_of", "show_sha256")}),
        (
            _("Records"),
            {
                "fields": (
                    ("number_created", "number_updated", "number_unchanged"),
                    ("number_newer", "number_refused"),
                    "show_notes",
                )
            },
        ),
    )
    inlines = (ImportRefusalInline,)

    readonly_fields = (
        "show_sha256",
        "number_created",
        "number_updated",
        "number_unchanged",
        "number_newer",
        "number_refused",
        "show_notes",
    )

    @display(description=_("Started"))
    def show_started(self, run: ImportRun) -> str:
        return moment(run.started_at)

    @display(description=_("State"), label={"running": "info", "done": "success", "interrupted": "warning"})
    def show_state(self, run: ImportRun) -> tuple[str, str]:
        return run.state, run.get_state_display()

    @display(description=_("Created"))
    def number_created(self, run: ImportRun) -> str:
        return _number(run, "created")

    @display(description=_("Updated"))
    def number_updated(self, run: ImportRun) -> str:
        return _number(run, "updated")

    @display(description=_("Unchanged"))
    def number_unchanged(self, run: ImportRun) -> str:
        return _number(run, "unchanged")

    @display(description=_("Newer here"))
    def number_newer(self, run: ImportRun) -> str:
        return _number(run, "newer")

    @display(description=_("Refused"))
    def number_refused(self, run: ImportRun) -> str:
        return _number(run, "refused")

    @display(description=_("SHA-256 of the file"))
    def show_sha256(self, run: ImportRun) -> str:
        return copyable(run.sha256)

    @display(description=_("Changed on the way in"))
    def show_notes(self, run: ImportRun) -> str:
        notes: dict[str, int] = run.counts.get("notes", {})
        lines = format_html_join("", "<li>{}: {}</li>", sorted(notes.items()))
        return format_html("<ul>{}</ul>", lines) if notes else EMPTY


def _number(run: ImportRun, name: str) -> str:
    return digits(run.counts.get(name, 0))
