"""Reads the dates of the old file."""

from datetime import UTC, datetime, timedelta, tzinfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# JavaScript counts milliseconds; as seconds such a number lies thousands of years ahead.
_LARGEST_SECONDS = 100_000_000_000


def read_date(value: object, naive_zone: tzinfo) -> datetime | None:
    """Give the moment in UTC, or None for what is not one.

    Units: ISO text, where a missing offset means `naive_zone`; numbers are seconds since 1970, or
    milliseconds where seconds would lie beyond the year 5138.
    """
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value.strip())
            return (moment if moment.tzinfo else moment.replace(tzinfo=naive_zone)).astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value / 1000 if abs(value) > _LARGEST_SECONDS else value
            return _EPOCH + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return None
    return None
