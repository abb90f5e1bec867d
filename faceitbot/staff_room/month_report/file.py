"""The report as a table: one line for the month, and one for each tier, each plan, each day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from faceitbot.core.exports.columns import Cell, Table
from faceitbot.staff_room.month_report.plans import name_of_plan, name_of_tier

SUMS = ("payments", "revenue", "refunds", "refunded", "net", "renewals")


def table_of() -> Table:
    """Give the head of the file."""
    titles = [
        _("Line"),
        _("Of"),
        _("Payments"),
        _("Earned, Stars"),
        _("Refunds"),
        _("Given back, Stars"),
        _("Net, Stars"),
        _("Renewals"),
        _("New buyers"),
    ]
    return Table(titles, [], [])


def rows_of(report: Mapping[str, Any]) -> list[list[Cell]]:
    """Give the lines of the file."""
    totals = report["totals"]
    month = [_("month"), report["month"][:7], *_sums(totals), totals["new_buyers"]]
    tiers = ([_("tier"), name_of_tier(tier), *_sums(tier), None] for tier in report["tiers"])
    plans = ([_("plan"), name_of_plan(plan), *_sums(plan), None] for plan in report["plans"])
    days = ([_("day"), date.fromisoformat(day["day"]), *_sums(day), None] for day in report["days"])
    return [month, *tiers, *plans, *days]


def _sums(of: Mapping[str, int]) -> list[int]:
    return [of[name] for name in SUMS]
