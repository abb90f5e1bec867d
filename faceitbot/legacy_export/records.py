"""Turns a user and his access into a record as the old bot kept it. Pure, but for the rows handed in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from faceitbot.core import clock
from subscriptions.granting import facts_of, projection_of
from subscriptions.models import Grant
from subscriptions.rules import FREE, spans_of

# In the order in which the old bot wrote them.
COLUMNS = (
    "id",
    "telegram_id",
    "faceit_player_id",
    "faceit_nickname",
    "last_checked_match_id",
    "waiting_for_nickname",
    "language",
    "notifications_enabled",
    "created_at",
    "last_active_at",
    "total_requests",
    "blocked_at",
    "subscription__auto_renew",
    "subscription__payment_method",
    "subscription__daily_requests",
    "subscription__last_reset_date",
    "subscription__referred_by__telegram_id",
    "subscription__referral_code",
    "subscription__referrals_count",
)


@dataclass(frozen=True, slots=True)
class Access:
    """The one tier that a record has room for, when it ends (None: never), and what does not fit in."""

    tier: str
    expires_at: datetime | None
    waits: bool = False


def access_of(grants: Iterable[Grant], now: datetime) -> Access:
    """Give the tier in force; where there is none, the last that was: the old bot kept those as well."""
    rows = list(grants)
    projection = projection_of(rows, now)
    if projection.tier != FREE:
        return Access(projection.tier, projection.expires_at, waits=projection.next_tier is not None)
    facts = [facts_of(grant) for grant in rows]
    last = max(spans_of(facts, now), key=lambda span: span.ends_at, default=None)
    return Access(FREE, None) if last is None else Access(facts[last.place].tier, last.ends_at)


def record_of(row: Mapping[str, Any], access: Access, zone: tzinfo) -> dict[str, object]:
    """Give the record of a user; times are local ones of `zone`, as the old server wrote them."""
    day = row["subscription__last_reset_date"]
    return {
        "user_id": row["telegram_id"],
        "faceit_player_id": row["faceit_player_id"],
        "faceit_nickname": row["faceit_nickname"],
        "last_checked_match_id": row["last_checked_match_id"],
        "waiting_for_nickname": row["waiting_for_nickname"],
        "language": row["language"],
        "notifications_enabled": row["notifications_enabled"],
        "created_at": local(row["created_at"], zone),
        "last_active_at": local(row["last_active_at"], zone),
        "total_requests": row["total_requests"],
        "subscription": {
            "tier": access.tier,
            "expires_at": local(access.expires_at, zone),
            "auto_renew": bool(row["subscription__auto_renew"]),
            "payment_method": row["subscription__payment_method"] or None,
            "daily_requests": row["subscription__daily_requests"] or 0,
            "last_reset_date": _first_moment(day, zone),
            "referred_by": row["subscription__referred_by__telegram_id"],
            "referral_code": row["subscription__referral_code"],
            "referrals_count": row["subscription__referrals_count"] or 0,
        },
    }


def local(moment: datetime | None, zone: tzinfo) -> str | None:
    """Give a moment without an offset, as the old bot reads it; with one where the hour comes twice."""
    if moment is None:
        return None
    there = moment.astimezone(zone)
    bare = there.replace(tzinfo=None, fold=0)
    is_clear = bare.replace(tzinfo=zone).astimezone(UTC) == moment
    return (bare if is_clear else there).isoformat()


def _first_moment(day: date | None, zone: tzinfo) -> str | None:
    """Give a day of the bot's calendar by its first moment, which has been, also when the day is today."""
    return None if day is None else local(clock.start_of_day(day), zone)
