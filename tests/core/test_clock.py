"""Aware UTC everywhere, and the day that the bot's calendar means."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput


def test_now_is_aware_and_in_utc():
    assert clock.now().utcoffset() == timedelta(0)


def test_an_aware_time_of_any_zone_becomes_utc():
    tokyo = datetime(2026, 3, 10, 9, tzinfo=timezone(timedelta(hours=9)))

    assert clock.aware(tokyo) == datetime(2026, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize("wrong", [datetime(2026, 3, 10), date(2026, 3, 10), "2026-03-10", 0, None])
def test_anything_but_an_aware_time_is_refused_by_name(wrong):
    with pytest.raises(InvalidInput, match="moment must be"):
        clock.aware(wrong, "moment")


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Europe/Moscow", datetime(2026, 3, 10, 20, 59, tzinfo=UTC), date(2026, 3, 10)),
        ("Europe/Moscow", datetime(2026, 3, 10, 21, 0, tzinfo=UTC), date(2026, 3, 11)),
        ("America/New_York", datetime(2026, 3, 10, 3, 0, tzinfo=UTC), date(2026, 3, 9)),
    ],
)
def test_today_is_the_day_of_the_bots_calendar(settings, zone, moment, day):
    settings.BOT_TIME_ZONE = zone

    assert clock.today(moment) == day


def test_a_day_may_have_23_hours(settings):
    settings.BOT_TIME_ZONE = "Europe/Berlin"

    spring = clock.start_of_day(date(2026, 3, 30)) - clock.start_of_day(date(2026, 3, 29))

    assert spring == timedelta(hours=23)
