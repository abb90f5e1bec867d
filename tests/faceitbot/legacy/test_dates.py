"""The old file's dates, whatever their spelling, are moments in UTC."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from faceitbot.legacy.dates import read_date
from faceitbot.legacy.errors import FileTimeUnknown
from faceitbot.legacy.file_time import file_time

MOSCOW = ZoneInfo("Europe/Moscow")
NEW_YEAR = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2025-01-02T06:04:05",
        "2025-01-02 06:04:05",
        "2025-01-02T03:04:05Z",
        "2025-01-02T08:04:05+05:00",
        1735787045,
        1735787045.0,
        1735787045000,
    ],
)
def test_every_spelling_of_one_moment_is_the_same(value):
    assert read_date(value, MOSCOW) == NEW_YEAR


def test_a_day_begins_at_midnight_of_the_old_server():
    assert read_date("2025-01-02", MOSCOW) == datetime(2025, 1, 1, 21, tzinfo=UTC)


def test_the_zone_of_naive_dates_is_the_operators_choice():
    assert read_date("2025-01-02T06:04:05", ZoneInfo("UTC")) == datetime(2025, 1, 2, 6, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2025-13-45T00:00:00",
        "",
        "never",
        "0001-01-01",
        "9999-12-31T23:59:59-14:00",
        True,
        10**90,
        -1e300,
        [],
        {},
    ],
)
def test_what_is_not_a_moment_is_none(value):
    assert read_date(value, MOSCOW) is None


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def test_a_fresh_modification_time_is_the_files_time():
    assert file_time(at(10), at(10, 20), now=at(15)) == at(10, 20)


def test_a_date_inside_that_is_newer_than_the_modification_wins():
    assert file_time(at(12), at(10), now=at(15)) == at(12)


@pytest.mark.parametrize(
    ("newest", "modified"),
    [(None, at(10)), (at(8), at(10)), (at(15), at(16))],
    ids=["no date inside", "two days older", "modified in the future"],
)
def test_a_modification_time_that_nothing_vouches_for_is_asked_about(newest, modified):
    with pytest.raises(FileTimeUnknown, match="--as-of"):
        file_time(newest, modified, now=at(15))
