"""Counts requests: on the user's row and in the row of the hour, in one statement.

Hourly rows keep the past true: when somebody comes back, the figures of the day before do not change.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from faceitbot.core.attempts import unknown_seconds
from faceitbot.core.cache import Caching
from faceitbot.core.instances import maker
from faceitbot.core.statements import arrays
from faceitbot.core.statements.line import Line, Row
from users.models import User, UserActivity
from users.signals import hours_folded

_NAMES = [field.attname for field in User._meta.concrete_fields]
_user = maker(User, _NAMES)
_TELEGRAM_ID = _NAMES.index("telegram_id")

# The user's row is locked before the hour's, everywhere, so two counts of one user queue up behind each
# other. A request also proves that the user has not stopped the bot.
_COUNT = """
WITH given AS (
    SELECT telegram_id, requests, coalesce(moment, clock_timestamp()) AS moment
    FROM unnest(%(telegram_ids)s::bigint[], %(requests)s::int[], %(moments)s::timestamptz[])
        AS given (telegram_id, requests, moment)
), summed AS (
    SELECT telegram_id, sum(requests) AS requests, max(moment) AS moment FROM given GROUP BY telegram_id
), locked AS (
    SELECT id, telegram_id FROM users
    WHERE telegram_id = ANY(%(telegram_ids)s::bigint[]) ORDER BY id FOR NO KEY UPDATE {wait}
), counted AS (
    UPDATE users SET
        total_requests = users.total_requests + summed.requests,
        last_active_at = greatest(users.last_active_at, summed.moment),
        updated_at = greatest(users.updated_at, summed.moment),
        bot_blocked_at = CASE WHEN summed.moment < users.bot_blocked_at THEN users.bot_blocked_at END
    FROM locked JOIN summed USING (telegram_id)
    WHERE users.id = locked.id
    RETURNING users.*
), hours AS (
    INSERT INTO user_activity (user_id, hour, requests)
    SELECT locked.id, date_trunc('hour', given.moment, 'UTC'), sum(given.requests)
    FROM locked JOIN given USING (telegram_id)
    GROUP BY 1, 2 HAVING sum(given.requests) > 0 ORDER BY 1, 2
    ON CONFLICT (user_id, hour) DO UPDATE SET requests = user_activity.requests + excluded.requests
)
SELECT {columns} FROM counted
"""
_COLUMNS = ", ".join(f'"{name}"' for name in _NAMES)
_COUNT_ONE = _COUNT.format(columns=_COLUMNS, wait="")
_COUNT_MANY = _COUNT.format(columns="count(*)", wait="")
# A row that somebody holds is left out: one that is stuck must not keep all the others waiting.
_COUNT_TOGETHER = _COUNT.format(columns=_COLUMNS, wait="SKIP LOCKED")

# The row of a day's first hour takes in the day's other rows; figures by day stay what they were.
_FOLD = """
WITH folded AS (
    DELETE FROM user_activity
    WHERE hour < %(before)s AND hour <> date_trunc('day', hour, %(zone)s)
    RETURNING user_id, hour, date_trunc('day', hour, %(zone)s) AS day, requests
), days AS (
    INSERT INTO user_activity (user_id, hour, requests)
    SELECT user_id, day, sum(requests) FROM folded GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (user_id, hour) DO UPDATE SET requests = user_activity.requests + excluded.requests
)
SELECT hour, day, sum(requests)::bigint, count(*) FROM folded GROUP BY 1, 2 ORDER BY 1
"""


def count_requests(telegram_id: int, now: datetime | None = None) -> User | None:
    """Count one request of a user; give the row as it is now, or None for an unknown user.

    The database's clock decides the hour unless `now` is given.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_ONE, _parameters([(telegram_id, 1, now)]))
        row = cursor.fetchone()
    return _user(row) if row else None


async def count_together(repository: Caching, line: Line, counts: Mapping[int, int]) -> list[Row]:
    """Count requests of many users, given by Telegram id, on the event loop's own connections.

    Users who are not known, or whose rows somebody else holds, are left out.
    """

    async def unknown(rows: list[Row]) -> None:
        await repository._written_here([_user(row) for row in rows], unknown_seconds())  # noqa: SLF001

    values = _parameters([(telegram_id, number, None) for telegram_id, number in counts.items()])
    return await line.write("users.count_together", _COUNT_TOGETHER, values, unknown=unknown)


async def counted_together(
    repository: Caching, rows: list[Row], counts: Mapping[int, int]
) -> dict[int, list[User]]:
    """Give each caller his user, with all of the calls counted; tell the cache."""
    users = {row[_TELEGRAM_ID]: [_user(row) for _call in range(counts[row[_TELEGRAM_ID]])] for row in rows}
    await repository._written_here([each[0] for each in users.values()])  # noqa: SLF001
    return users


def count_many_requests(counts: Sequence[tuple[int, int, datetime | None]]) -> int:
    """Count requests of many users, each (Telegram id, requests, moment); give how many users there were.

    The last activity never moves backwards.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_MANY, _parameters(counts))
        return int(cursor.fetchone()[0])


def fold_hours(before: datetime, zone: str) -> int:
    """Fold the hours before a moment into the days of a zone; give how many rows went."""
    with connection.cursor() as cursor:
        # Nothing has been counted late: whoever watches for that (analytics) reads this.
        cursor.execute("SET LOCAL faceitbot.folding = 'on'")
        cursor.execute(_FOLD, {"before": before, "zone": zone})
        folded = cursor.fetchall()
        cursor.execute("SET LOCAL faceitbot.folding = 'off'")
    moves = [(hour, day, requests) for hour, day, requests, _rows in folded]
    hours_folded.send(sender=UserActivity, before=before, moves=moves)
    return sum(rows for *_move, rows in folded)


def _parameters(counts: Sequence[tuple[int, int, datetime | None]]) -> Mapping[str, Any]:
    moments = [moment for _telegram_id, _requests, moment in counts]
    return {
        "telegram_ids": arrays.numbers(telegram_id for telegram_id, _requests, _moment in counts),
        "requests": arrays.numbers(requests for _telegram_id, requests, _moment in counts),
        "moments": moments if any(moments) else None,
    }
