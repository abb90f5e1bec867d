"""The page of a month, and its file."""

from datetime import date
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import User as StaffAccount
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from faceitbot.core import audit, clock
from faceitbot.core.charting import chart
from faceitbot.core.exports.csv_file import CONTENT_TYPE, csv_file
from faceitbot.core.figures import percentage
from faceitbot.staff_room.changes import change
from faceitbot.staff_room.month_report.file import rows_of, table_of
from faceitbot.staff_room.month_report.month import Month
from faceitbot.staff_room.month_report.plans import name_of_plan, name_of_tier
from subscriptions.models import Payment
from subscriptions.repositories import PaymentRepository

MAY_VIEW = "subscriptions.report_payment"
EXPORTED = audit.action("report.exported", gettext_lazy("month report exported"))
repository = PaymentRepository()


def month_report_view(request: HttpRequest) -> HttpResponse:
    """Show what a month brought."""
    _check(request)
    wanted, now = request.GET.get("month", ""), clock.now()
    month = Month.asked_for(wanted, now)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Month report"),
        "refused": "" if month else _("“%(text)s” is no month that can be shown.") % {"text": wanted[:20]},
    }
    month = month or cast("Month", Month.asked_for("", now))
    report = repository.get_month_report.blocking(month.first, now=now)
    context |= {
        "month": month,
        "latest": f"{month.today:%Y-%m}",
        "cards": _cards(report["totals"], report["before"]),
        "tiers": _tiers(report),
        "days": [{**day, "date": date.fromisoformat(day["day"])} for day in reversed(report["days"])],
        "totals": report["totals"],
        "chart": chart(_("Stars"), [(date.fromisoformat(day["day"]), day["net"]) for day in report["days"]]),
    }
    return TemplateResponse(request, "staff_room/month_report.html", context)


@require_POST
def month_file_view(request: HttpRequest) -> HttpResponse:
    """Give what a month brought as a file."""
    _check(request)
    now = clock.now()
    month = Month.asked_for(request.GET.get("month", ""), now)
    if month is None:
        return HttpResponse(status=400)
    rows = rows_of(repository.get_month_report.blocking(month.first, now=now))
    with transaction.atomic():
        after = {"format": "csv", "rows": len(rows), "filter": [f"month={month.value}"]}
        audit.record_on_table(EXPORTED, Payment, after, actor=cast("StaffAccount", request.user))
    return HttpResponse(
        b"".join(csv_file(table_of(), rows)),
        content_type=CONTENT_TYPE,
        headers={
            "Content-Disposition": f'attachment; filename="month_{month.value}.csv"',
            "Cache-Control": "no-store",
        },
    )


def _check(request: HttpRequest) -> None:
    if not cast("StaffAccount", request.user).has_perm(MAY_VIEW):
        raise PermissionDenied


def _tiers(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Give each tier with its plans below it, named, and with their shares in what was earned."""
    earned = report["totals"]["revenue"]

    def line(of: dict[str, Any], name: str) -> dict[str, Any]:
        return {**of, "name": name, "share": percentage(of["revenue"], earned)}

    plans = [line(plan, name_of_plan(plan)) for plan in report["plans"]]
    return [
        line(tier, name_of_tier(tier)) | {"plans": [plan for plan in plans if plan["tier"] == tier["tier"]]}
        for tier in report["tiers"]
    ]


def _cards(totals: dict[str, int], before: dict[str, int]) -> list[dict[str, Any]]:
    titles = {
        "revenue": _("Earned"),
        "refunded": _("Given back"),
        "net": _("Net"),
        "payments": _("Payments"),
        "renewals": _("Renewals"),
        "new_buyers": _("New buyers"),
    }
    cards = []
    for name, title in titles.items():
        text, direction = change(totals[name], before[name])
        # More money given back is no good news.
        turned = {"up": "down", "down": "up"}.get(direction, direction) if name == "refunded" else direction
        is_money = name in {"revenue", "refunded", "net"}
        cards.append(
            {
                "title": title,
                "figure": totals[name],
                "is_money": is_money,
                "before": before[name],
                "change": text,
                "direction": turned,
            }
        )
    return cards
