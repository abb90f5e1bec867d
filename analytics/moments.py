"""The moments and days that figures may be asked for, and metrics be of."""

from datetime import UTC, date, datetime

from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput

# Sums are made from the oldest row on, hour by hour, and days are added to moments: one row of the year 1
# would keep all sums from being made.
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
_YEARS = f"{EARLIEST.year} to {LATEST.year}"


def sensible(value: object, name: str) -> datetime:
    """Give a moment in UTC. Errors: `InvalidInput` for what is none, is naive, or is out of all reason."""
    moment = clock.aware(value, name)
    if not EARLIEST <= moment <= LATEST:
        raise InvalidInput(f"{name} lies outside of the years {_YEARS}", field=name)
    return moment


def moment_of(now: object) -> datetime:
    """Give the moment that figures are of: the present one unless a test says otherwise."""
    return clock.now() if now is None else sensible(now, "now")


def day_of(day: object) -> date:
    """Give a day. Errors: `InvalidInput` for what is no date, or is out of all reason."""
    if isinstance(day, datetime) or not isinstance(day, date):
        raise InvalidInput(f"date must be a date, not {type(day).__name__}", field="date")
    if not EARLIEST.date() <= day <= LATEST.date():
        raise InvalidInput(f"date lies outside of the years {_YEARS}", field="date")
    return day
