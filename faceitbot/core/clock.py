"""The one clock: aware UTC, and the calendar day that staff and limits mean by "today"."""

from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings

from faceitbot.core.errors import InvalidInput


def now() -> datetime:
    """Give the present moment, aware, in UTC."""
    return datetime.now(UTC)


def aware(value: object, field: str = "now") -> datetime:
    """Give `value` in UTC; refuse anything but an aware datetime."""
    if not isinstance(value, datetime):
        raise InvalidInput(f"{field} must be a datetime, not {type(value).__name__}", field=field)
    if value.tzinfo is None:
        raise InvalidInput(f"{field} must be an aware datetime, {value.isoformat()} has no zone", field=field)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise InvalidInput(f"{field} lies outside of the calendar", field=field) from None


def aware_or_none(value: object, field: str = "now") -> datetime | None:
    """Give an optional moment, as `aware` does; None stands for the clock of the database."""
    return None if value is None else aware(value, field)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def bot_zone() -> ZoneInfo:
    """Give the zone whose calendar decides days: `BOT_TIME_ZONE`."""
    return _zone(settings.BOT_TIME_ZONE)


def today(at: datetime | None = None) -> date:
    """Give the calendar day in `BOT_TIME_ZONE`."""
    return (at or now()).astimezone(bot_zone()).date()


def start_of_day(day: date) -> datetime:
    """Give the first moment of a day of `BOT_TIME_ZONE`, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=bot_zone()).astimezone(UTC)


def start_of_hour(at: datetime) -> datetime:
    """Give the first moment of the hour of UTC that a moment is in."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
