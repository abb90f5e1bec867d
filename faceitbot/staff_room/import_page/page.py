"""The list of imports, the page of one, and its report to take along."""

from contextlib import ExitStack
from io import TextIOWrapper
from tempfile import TemporaryFile
from typing import Any, cast

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from faceitbot.core import audit
from faceitbot.core.display import copyable, digits, moment
from faceitbot.core.ids import typed_id
from faceitbot.core.staff import AuditedPages, ReadOnlyAdmin
from faceitbot.legacy.stored_report import write_stored_report
from faceitbot.models import ImportRefusal, ImportRun, UndecidedAccess
from faceitbot.staff_room.import_page.lines import REFUSED, TO_DECIDE, Search, chips_of, lines_of
from faceitbot.staff_room.import_page.telling import (
    access_facts,
    came_in,
    count,
    duration,
    notes_facts,
    sentences,
    users_facts,
)
from faceitbot.staff_room.steps import page_of
from subscriptions.admin.pages import label
from users.models import User

STATE_COLOURS = {"running": "info", "done": "success", "interrupted": "warning"}
TAKEN_ALONG = audit.action("import.report_exported", _("import report exported"))


class ImportPage(AuditedPages, ReadOnlyAdmin):
    """What was imported when, and what was kept out; newest first."""

    list_display = (
        "show_started",
        "file_name",
        "show_state",
        "number_users",
        "number_grants",
        "number_undecided",
        "number_refused",
        "show_duration",
    )
    search_fields = ("file_name", "sha256")
    search_help_text = _("Part of the file's name, its SHA-256, or the Telegram id of a refused record.")
    change_form_outer_before_template = "staff_room/import.html"
    fieldsets = (
        (
            _("The file"),
            {
                "fields": (
                    ("file_name", "show_state_label"),
                    ("started_at", "finished_at"),
                    ("as_of", "show_sha256"),
                )
            },
        ),
    )
    readonly_fields = ("show_state_label", "show_sha256")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ImportRun], search_term: str
    ) -> tuple[QuerySet[ImportRun], bool]:
        """Find imports by their file, and by whom they refused or left to a person."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if (telegram_id := typed_id(search_term)) is None:
            return found, may_repeat
        about_him = {"run": OuterRef("pk"), "telegram_id": telegram_id}
        told = Exists(ImportRefusal.objects.filter(**about_him))
        undecided = Exists(UndecidedAccess.objects.filter(**about_him))
        return queryset.filter(Q(told) | Q(undecided) | Q(pk__in=found.values("pk"))), False

    @display(description=_("Started"))
    def show_started(self, run: ImportRun) -> str:
        return moment(run.started_at)

    @display(description=_("State"), label=STATE_COLOURS)
    def show_state(self, run: ImportRun) -> tuple[str, str]:
        return run.state, run.get_state_display()

    @display(description=_("State"))
    def show_state_label(self, run: ImportRun) -> str:
        return label((run.state, run.get_state_display()), STATE_COLOURS)

    @display(description=_("Users"))
    def number_users(self, run: ImportRun) -> str:
        return digits(came_in(run))

    @display(description=_("Grants"))
    def number_grants(self, run: ImportRun) -> str:
        return digits(count(run, "grants"))

    @display(description=_("To decide"))
    def number_undecided(self, run: ImportRun) -> str:
        return digits(count(run, "undecided"))

    @display(description=_("Refused"))
    def number_refused(self, run: ImportRun) -> str:
        return digits(count(run, "refused"))

    @display(description=_("Took"))
    def show_duration(self, run: ImportRun) -> str:
        return duration(run)

    @display(description=_("SHA-256 of the file"))
    def show_sha256(self, run: ImportRun) -> str:
        return copyable(run.sha256)

    def page_context(self, request: HttpRequest, row: ImportRun) -> dict[str, Any]:
        search = Search.of(request.GET)
        wanted = User.objects.filter(telegram_id=search.telegram_id).first() if search.telegram_id else None
        return {
            **super().page_context(request, row),
            "sentence": sentences(row),
            "needs_person": count(row, "undecided") > 0,
            "report_url": reverse("admin:faceitbot_importrun_report", args=[row.pk]),
            "users_facts": users_facts(row),
            "access_facts": access_facts(row),
            "notes_facts": notes_facts(row),
            "search": search,
            "wanted_url": page_of(wanted) if wanted else "",
            "to_decide": lines_of(row, TO_DECIDE, search, request.GET.get(TO_DECIDE, "")),
            "refused": lines_of(row, REFUSED, search, request.GET.get(REFUSED, "")),
            "chips": chips_of(row, search),
        }

    # ---- The report

    def get_urls(self) -> list[URLPattern]:
        report = path(
            "<int:object_id>/report/",
            self.admin_site.admin_view(self.report_view),
            name="faceitbot_importrun_report",
        )
        return [report, *super().get_urls()]

    @method_decorator(require_POST)
    def report_view(self, request: HttpRequest, object_id: int) -> FileResponse:
        """Give the report as a file; who took it along stands in the audit log."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = ImportRun.objects.filter(pk=object_id).first()
        if run is None:
            raise Http404
        with ExitStack() as opened, transaction.atomic():
            # A file of another program may have a million refused records.
            report = opened.enter_context(TemporaryFile())
            text = TextIOWrapper(report, encoding="utf-8")
            rows = write_stored_report(run, text)
            text.detach()
            change = audit.Change(run, {}, {"format": "json", "rows": rows})
            audit.record(TAKEN_ALONG, [change], actor=cast("AbstractBaseUser", request.user))
            opened.pop_all()
        report.seek(0)
        return FileResponse(
            report,
            as_attachment=True,
            filename=f"import_{run.pk}_report.json",
            content_type="application/json; charset=utf-8",
            headers={"Cache-Control": "no-store"},
        )
