"""The rule that turns grants into access: what a user may use, and until when.

At any moment the highest tier that has time left burns; lower tiers wait and resume afterwards. Within a
tier the grant that started first burns first. A revoked grant counts as if it had never been made.

Pure functions of values and a `now`: no Django, no clock. All times are aware and in UTC.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from heapq import heappop, heappush
from itertools import pairwise

FREE, PREMIUM, PRO = "free", "premium", "pro"
# `Projection` holds the present tier and one that waits: enough for two paid tiers, not for a third.
RANKS = {FREE: 0, PREMIUM: 1, PRO: 2}

NOTHING = timedelta()
# A lifetime outlasts the calendar. So, by the same token, what would end after the year 9999 never ends.
LIFETIME = timedelta.max
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class GrantFacts:
    """What the rule knows about a grant; a duration of None is a lifetime."""

    tier: str
    starts_at: datetime
    duration: timedelta | None
    revoked_at: datetime | None = None

    def __post_init__(self) -> None:
        if RANKS.get(self.tier, 0) == 0:
            raise ValueError(f"a grant gives a paid tier, not {self.tier!r}")
        if self.duration is not None and self.duration <= NOTHING:
            raise ValueError(f"a grant lasts longer than nothing, not {self.duration}")


@dataclass(frozen=True, slots=True)
class Projection:
    """The present tier and the one that resumes after it, each with its end; an end of None is never.

    Without access the tier is free, and without end: there is nothing that could expire.
    """

    tier: str
    expires_at: datetime | None
    next_tier: str | None = None
    next_expires_at: datetime | None = None


NO_ACCESS = Projection(FREE, None)


class GrantState(StrEnum):
    """What a grant is doing."""

    REVOKED = "revoked"
    USED_UP = "used_up"
    BURNING = "burning"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class GrantUse:
    """What has become of a grant.

    `left` is None for a lifetime. `resumes_at` is when a waiting grant burns, None when a lifetime keeps it
    waiting for ever. `ends_at` is when its last time has burnt or will have, None for never.
    """

    grant: GrantFacts
    state: GrantState
    used: timedelta
    left: timedelta | None
    resumes_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in which one grant, known by its place among those given, burns."""

    place: int
    starts_at: datetime
    ends_at: datetime


def project(grants: Iterable[GrantFacts], now: datetime) -> Projection:
    """Give the access that the grants amount to at `now`, in whatever order they come."""
    facts = list(grants)
    ends = {facts[span.place].tier: span.ends_at for span in spans_of(facts, now) if span.ends_at > now}
    paid = [(tier, _shown(ends_at)) for tier, ends_at in ends.items()]
    if not paid:
        return NO_ACCESS
    return Projection(*paid[0], *paid[1]) if paid[1:] else Projection(*paid[0])


def as_of(projection: Projection, now: datetime) -> Projection:
    """Give what a projection has become by a later `now`, from its values alone.

    It is `project(grants, now)`, provided that no grant was added, revoked or yet to start meanwhile.
    """
    if _lasts(projection.expires_at, now):
        return projection
    if projection.next_tier is not None and _lasts(projection.next_expires_at, now):
        return Projection(projection.next_tier, projection.next_expires_at)
    return NO_ACCESS


def effective(projection: Projection, now: datetime) -> str:
    """Give the tier that a projection means at a later `now`."""
    return as_of(projection, now).tier


def explain(grants: Iterable[GrantFacts], now: datetime) -> list[GrantUse]:
    """Give what has become of each grant by `now`, in the order given.

    Time that was enjoyed under a grant which has been revoked since shows as burnt by the others: that is
    what the rule counts, not what the user saw at the time.
    """
    facts = list(grants)
    burns: list[list[Span]] = [[] for _grant in facts]
    for span in spans_of(facts, now):
        burns[span.place].append(span)
    return [_use(grant, spans, now) for grant, spans in zip(facts, burns, strict=True)]


def _use(grant: GrantFacts, spans: list[Span], now: datetime) -> GrantUse:
    if grant.revoked_at is not None:
        return GrantUse(grant, GrantState.REVOKED, NOTHING, NOTHING)
    used = sum((min(span.ends_at, now) - span.starts_at for span in spans if span.starts_at < now), NOTHING)
    left = None if grant.duration is None else grant.duration - used
    to_come = [span for span in spans if span.ends_at > now]
    ends_at = _shown(spans[-1].ends_at) if spans else None
    if left == NOTHING:
        return GrantUse(grant, GrantState.USED_UP, used, left, ends_at=ends_at)
    if not to_come:
        return GrantUse(grant, GrantState.WAITING, used, left)
    if to_come[0].starts_at <= now:
        return GrantUse(grant, GrantState.BURNING, used, left, ends_at=ends_at)
    return GrantUse(grant, GrantState.WAITING, used, left, to_come[0].starts_at, ends_at)


def spans_of(facts: list[GrantFacts], now: datetime) -> Iterator[Span]:
    """Yield which grant burns when, from the first start until no time is left.

    A start later than `now` counts as `now`: the clock of whoever made the grant may be ahead of ours.
    """
    left = [LIFETIME if grant.duration is None else grant.duration for grant in facts]
    made = [place for place, grant in enumerate(facts) if grant.revoked_at is None]
    starts = sorted((min(facts[place].starts_at, now), left[place], place) for place in made)
    waiting: list[tuple[int, datetime, timedelta, int]] = []  # a heap; the first is the one that burns
    for (start, length, newcomer), (next_start, *_rest) in pairwise([*starts, (NEVER, NOTHING, -1)]):
        heappush(waiting, (-RANKS[facts[newcomer].tier], start, length, newcomer))
        clock = start
        while waiting and clock < next_start:
            place = waiting[0][-1]
            burnt = min(left[place], next_start - clock)
            yield Span(place, clock, clock + burnt)
            left[place] -= burnt
            clock += burnt
            if not left[place]:
                heappop(waiting)


def _shown(end: datetime) -> datetime | None:
    return None if end == NEVER else end


def _lasts(end: datetime | None, now: datetime) -> bool:
    return end is None or end > now
