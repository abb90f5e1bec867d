"""Puts a reading into the words of one language, as the page's script shows them."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.template.defaultfilters import date as formatted
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from faceitbot.core.clock import bot_zone
from faceitbot.core.display import EMPTY, decimal, digits, percent, stars
from faceitbot.core.health.checks import State, Verdict
from faceitbot.live.reading import EVENTS, Figures, Reading
from faceitbot.staff_room.changes import change
from faceitbot.staff_room.landing.events import Event, events_of

Told = dict[str, Any]
ICONS = {"fine": "check_circle", "degraded": "warning", "down": "error", "unknown": "help"}
MONEY = ("reviews", "refunds")
_OF_MONEY = {
    State.DEGRADED: pgettext_lazy("money", "waiting"),
    State.DOWN: pgettext_lazy("money", "overdue"),
}
WORSE_WHEN_MORE = {"errors", "p95"}
FEW = 10  # a figure below has a decimal
MINUTES = 60


def tell(reading: Reading, language: str) -> Told:
    """Give what the page shows, but for the moment itself; figures are absent until the first were read."""
    with translation.override(language), timezone.override(bot_zone()):
        found: Told = {"lamps": [_lamp(verdict) for verdict in reading.lamps], "stale": _stale(reading)}
        if reading.figures:
            rows = events_of(reading.figures.happened, EVENTS)
            found |= {
                "figures": _figures(reading.figures),
                "charts": _charts(reading.figures.series),
                "events": [_event(event) for event in rows],
            }
        return found


def _stale(reading: Reading) -> str:
    if not reading.is_stale:
        return ""
    if reading.figures is None:
        return _("The database does not answer: there are no figures yet.")
    text = _("The database does not answer: the figures are those of %(time)s.")
    return text % {"time": formatted(localtime(reading.figures.at), "H:i:s")}


# ---- Figures


def _figures(read: Figures) -> Told:
    now, before = read.present, read.before
    per_minute = now["requests"] / MINUTES
    return {
        "active_now": _figure("active_now", digits(now["active_now"]), now, before, "active_users"),
        "requests": _figure(
            "requests",
            decimal(per_minute, 1) if per_minute < FEW else digits(round(per_minute)),
            now,
            before,
            "requests",
        ),
        "revenue": _figure("revenue", stars(now["revenue_today"]), now, before, "revenue_today"),
        "errors": _figure("errors", digits(now["errors"]), now, before, "errors"),
        "p95": _figure("p95", _seconds(now["p95_ms"]), now, before, "p95_ms"),
        "hit_rate": {"figure": percent(now["hit_rate"]), **_points(now["hit_rate"], before["hit_rate"])},
    }


def _figure(name: str, figure: str, now: Told, before: Told, compared: str) -> Told:
    present, past = now[compared], before[compared]
    if present is None or past is None:
        return {"figure": figure, "change": _("none before"), "better": False}
    words, direction = change(round(present), round(past))
    return {
        "figure": figure,
        "change": words,
        "better": direction == ("down" if name in WORSE_WHEN_MORE else "up"),
    }


def _points(present: float | None, past: float | None) -> Told:
    if present is None or past is None:
        return {"change": _("none before"), "better": False}
    points = round(present - past)
    if not points:
        return {"change": _("as before"), "better": False}
    text = pgettext("difference of percentages", "%(n)s p.p.") % {"n": f"{points:+d}".replace("-", "−")}
    return {"change": text, "better": points > 0}


def _seconds(milliseconds: float | None) -> str:
    if milliseconds is None:
        return EMPTY
    return pgettext("seconds", "%(n)s s") % {"n": decimal(milliseconds / 1000, 2)}


# ---- Lamps, charts, events


def _lamp(verdict: Verdict) -> Told:
    told: Told = {
        "name": verdict.name,
        "state": verdict.state.value,
        "icon": ICONS[verdict.state],
        "title": str(verdict.check.title),
        "word": _word(verdict),
        "sentence": str(verdict.finding.sentence),
        "since": "",
        "page": f"{reverse('admin:health')}#{verdict.name}",
    }
    if verdict.is_bad and verdict.since:
        told["since"] = _("Since %(time)s") % {"time": date_format(localtime(verdict.since), "j E, H:i")}
    return told


def _word(verdict: Verdict) -> str:
    """Say how it is; money that waits is not broken."""
    own = _OF_MONEY.get(verdict.state) if verdict.name in MONEY else None
    return str(own or verdict.state.label)


def _charts(series: Told) -> Told:
    hours = [_hour(each["bucket"]) for each in series["requests"]]
    steps = [_hour(each["bucket"]) for each in series["p95_ms"]]
    days = [_day(each["bucket"]) for each in series["revenue"]]
    return {
        "requests": _chart(hours, (_("Requests"), series["requests"]), (_("Errors"), series["errors"])),
        "times": _chart(
            steps,
            (_("Median"), _in_seconds(series["p50_ms"])),
            ("p95", _in_seconds(series["p95_ms"])),
        ),
        "active": _chart(days, (_("Active users"), series["active_users"])),
        "revenue": _chart(days, (_("Stars"), series["revenue"])),
    }


def _chart(labels: list[str], *lines: tuple[str, Iterable[Told]]) -> Told:
    return {
        "labels": labels,
        "lines": [{"label": name, "data": [each["value"] for each in values]} for name, values in lines],
    }


def _in_seconds(values: list[Told]) -> list[Told]:
    return [{"value": None if each["value"] is None else round(each["value"] / 1000, 2)} for each in values]


def _hour(bucket: str) -> str:
    return formatted(localtime(datetime.fromisoformat(bucket)), "H:i")


def _day(bucket: str) -> str:
    day: date = localtime(datetime.fromisoformat(bucket)).date()
    return date_format(day, pgettext("day of a chart", "j M"))


def _event(event: Event) -> Told:
    at = localtime(event.at)
    today = localtime().date() == at.date()
    return {
        "icon": event.icon,
        "text": event.text,
        "url": event.url,
        "time": formatted(at, "H:i") if today else date_format(at, pgettext("day of a chart", "j M")),
        "exact": date_format(at, "DATETIME_FORMAT"),
    }
