"""Stacked access as a bar: which tier was and will be in force, and which grant it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from faceitbot.core.figures import percentage
from faceitbot.staff_room.steps import page_of
from subscriptions.desk.sentences import about_grant, about_use, on
from subscriptions.models import Grant, SubscriptionTier
from subscriptions.rules import NEVER, GrantState, GrantUse, spans_of

BEFORE = timedelta(days=30)
AFTER = timedelta(days=365)


@dataclass(frozen=True)
class Segment:
    """One stretch of the bar; width and place in percent."""

    tier: str
    left: float
    width: float
    title: str
    url: str


@dataclass(frozen=True)
class Bar:
    """The stretches between two moments; `now` in percent."""

    start: datetime
    end: datetime
    now: float
    segments: list[Segment]


def access_bar(uses: Sequence[tuple[Grant, GrantUse]], now: datetime) -> Bar | None:
    """Give the bar from a month ago until the last access ends, a year at most; None without any."""
    facts = [use.grant for _grant, use in uses]
    start = now - BEFORE
    shown = [span for span in spans_of(facts, now) if span.ends_at > start]
    if not shown:
        return None
    end = min(max(*(span.ends_at for span in shown), now + timedelta(days=7)), now + AFTER)
    length = (end - start).total_seconds()

    def place(moment: datetime) -> float:
        inside = min(max(moment, start), end)
        return percentage((inside - start).total_seconds(), length)

    segments = []
    for span in shown:
        grant, _use = uses[span.place]
        left = place(span.starts_at)
        width = round(place(span.ends_at) - left, 2)
        if width:
            segments.append(Segment(grant.tier, left, width, _title(grant, span.ends_at), page_of(grant)))
    return Bar(start, end, place(now), segments)


def _title(grant: Grant, ends_at: datetime) -> str:
    if ends_at == NEVER:
        return about_grant(grant)
    return _("%(grant)s; until %(date)s") % {"grant": about_grant(grant), "date": on(ends_at)}


@dataclass(frozen=True)
class Explained:
    """One grant in words."""

    tier: str
    label: str
    text: str
    became: str
    state: str
    url: str


def explained(uses: Sequence[tuple[Grant, GrantUse]]) -> list[Explained]:
    """Give each grant in words: what is in use first, then what waits, then what is over."""
    order = [GrantState.BURNING, GrantState.WAITING, GrantState.USED_UP, GrantState.REVOKED]
    shown = sorted(
        uses, key=lambda pair: (order.index(pair[1].state), pair[1].resumes_at or pair[0].starts_at)
    )
    return [
        Explained(
            grant.tier,
            str(SubscriptionTier(grant.tier).label),
            about_grant(grant),
            about_use(use),
            use.state,
            page_of(grant),
        )
        for grant, use in shown
    ]
