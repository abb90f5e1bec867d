"""Turns what was decided about a record into the values of one SQLite row, and back.

SQLite has neither moments nor days nor truth: moments are counted from 1970, days from the year 1.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from subscriptions.imported_subscription import ImportedSubscription
from users.imported_user import ImportedUser

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_USER_COLUMNS = len(ImportedUser._fields)

# The Telegram id is the user's; the subscription has the same.
COLUMNS = (*ImportedUser._fields, *ImportedSubscription._fields[1:])


def to_row(user: ImportedUser, subscription: ImportedSubscription) -> tuple[object, ...]:
    """Give the values in the order of `COLUMNS`."""
    day = subscription.last_reset_date
    return (
        *user[:-2],
        to_number(user.created_at),
        to_number(user.last_active_at),
        subscription.tier,
        to_number(subscription.starts_at),
        to_number(subscription.ends_at),
        subscription.auto_renew,
        subscription.payment_method,
        subscription.daily_requests,
        None if day is None else day.toordinal(),
        subscription.referral_code,
        subscription.referred_by,
    )


def from_row(row: Sequence[Any]) -> tuple[ImportedUser, ImportedSubscription]:
    """Give what a row was made of."""
    telegram_id, player_id, nickname, match_id, waiting, language, notified, requests, created, active = row[
        :_USER_COLUMNS
    ]
    user = ImportedUser(
        telegram_id,
        player_id,
        nickname,
        match_id,
        bool(waiting),
        language,
        bool(notified),
        requests,
        to_moment(created),
        to_moment(active),
    )
    tier, starts, ends, auto_renew, method, daily_requests, day, code, referred_by = row[_USER_COLUMNS:]
    subscription = ImportedSubscription(
        telegram_id,
        tier,
        to_moment(starts),
        to_moment(ends),
        bool(auto_renew),
        method,
        daily_requests,
        None if day is None else date.fromordinal(day),
        code,
        referred_by,
    )
    return user, subscription


def to_number(moment: datetime | None) -> int | None:
    """Count the microseconds from 1970 to a moment."""
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def to_moment(number: int | None) -> datetime | None:
    """Give the moment that so many microseconds after 1970 are."""
    return None if number is None else _EPOCH + number * _MICROSECOND
