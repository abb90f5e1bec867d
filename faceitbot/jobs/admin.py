"""The page of what jobs have done."""

from datetime import timedelta

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from faceitbot.core.display import EMPTY, code, copyable, decimal, digits, moment
from faceitbot.core.models import JobOutcome, JobRun
from faceitbot.core.staff import ReadOnlyAdmin
from faceitbot.jobs.table import JOBS, title_of

_COLOURS = {
    JobOutcome.RUNNING: "info",
    JobOutcome.DONE: "success",
    JobOutcome.FAILED: "danger",
    JobOutcome.TIMED_OUT: "danger",
    JobOutcome.STOPPED: "warning",
    JobOutcome.LOST: "warning",
}


class NameFilter(admin.SimpleListFilter):
    """By job."""

    title = _("job")
    parameter_name = "job"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [(job.name, str(job.title)) for job in JOBS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[JobRun]) -> QuerySet[JobRun]:
        return queryset.filter(name=self.value()) if self.value() else queryset


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    """What was done when, and how it ended; newest first."""

    list_display = (
        "show_started",
        "show_job",
        "show_outcome",
        "number_seconds",
        "show_figures",
        "error",
    )
    list_filter = (NameFilter, "outcome")
    search_fields = ("name", "error", "process", "correlation_id")
    search_help_text = _("Part of the job's name, of the error, of the process, or of the correlation id.")
    fieldsets = (
        (None, {"fields": (("show_job", "outcome"), ("started_at", "ended_at"), "show_figures", "error")}),
        (_("Process"), {"fields": (("process", "alive_until"), "show_correlation_id")}),
    )
    readonly_fields = ("show_job", "show_figures", "show_correlation_id")

    def name_of(self, row: JobRun) -> str:
        return f"{title_of(row.name)}, {date_format(localtime(row.started_at), 'DATETIME_FORMAT')}"

    @display(description=_("Started"))
    def show_started(self, run: JobRun) -> str:
        return moment(run.started_at)

    @display(description=_("Job"))
    def show_job(self, run: JobRun) -> str:
        return format_html("<span>{} {}</span>", title_of(run.name), code(run.name))

    @display(description=_("Outcome"), label={key.value: colour for key, colour in _COLOURS.items()})
    def show_outcome(self, run: JobRun) -> tuple[str, str]:
        return run.outcome, run.get_outcome_display()

    @display(description=_("Seconds"))
    def number_seconds(self, run: JobRun) -> str:
        return decimal((run.ended_at - run.started_at) / timedelta(seconds=1), 1) if run.ended_at else EMPTY

    @display(description=_("Figures"))
    def show_figures(self, run: JobRun) -> str:
        figures = ((code(name), digits(number)) for name, number in run.figures.items())
        return format_html("<span>{}</span>", format_html_join(", ", "{}: {}", figures) or EMPTY)

    @display(description=_("correlation id"))
    def show_correlation_id(self, run: JobRun) -> str:
        return copyable(run.correlation_id)
