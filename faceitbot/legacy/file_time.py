"""Decides the time that the file speaks of: later changes in the database are newer than the file."""

from datetime import datetime, timedelta

from faceitbot.legacy.errors import FileTimeUnknown

PLAUSIBLE_LAG = timedelta(days=1)


def file_time(newest: datetime | None, modified: datetime, now: datetime) -> datetime:
    """Give the time of a file from its newest date and its modification time.

    The modification time alone proves nothing, for copying sets it; it counts when a date inside the file
    is at most a day older.
    Errors: `FileTimeUnknown` otherwise.
    """
    if newest is None:
        raise FileTimeUnknown(f"the file holds no date; {_question(modified)}")
    if modified - newest > PLAUSIBLE_LAG or modified > now:
        raise FileTimeUnknown(f"the newest date inside the file is {_shown(newest)}; {_question(modified)}")
    return max(newest, modified)


def _question(modified: datetime) -> str:
    return (
        f"say with --as-of when the old bot wrote it last (it was modified on {_shown(modified)}, "
        f"which copying alone may have done)"
    )


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
