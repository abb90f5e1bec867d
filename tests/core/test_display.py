"""Ids, numbers and moments on the staff's pages."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from faceitbot.core import clock
from faceitbot.core.display import EMPTY, code, copyable, decimal, digits, moment, percent

HOSTILE = "\"><script>alert('x')</script>"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (999, "999"), (1000, "1\u202f000"), (2**52, "4\u202f503\u202f599\u202f627\u202f370\u202f496")],
)
def test_thousands_are_set_apart_by_thin_spaces(value, text):
    assert digits(value) == text


@pytest.mark.parametrize(
    ("language", "texts"),
    [("en", ("1.08", "66.7\xa0%", "0.0\xa0%", EMPTY)), ("ru", ("1,08", "66,7\xa0%", "0,0\xa0%", EMPTY))],
)
def test_decimals_are_rounded_and_written_as_the_reader_writes_them(language, texts):
    with translation.override(language):
        assert (decimal(1.0799), percent(66.67), percent(0.0), percent(None)) == texts


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=0), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=5, seconds=30), "5\xa0minutes ago"),
        (timedelta(days=8, hours=3), "1\xa0week ago"),
        (timedelta(days=-2, hours=-1), "in 2\xa0days"),
    ],
)
def test_a_moment_is_told_by_its_age(monkeypatch, age, text):
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: now)

    assert f">{text}</time>" in moment(now - age)


def test_a_moment_has_its_exact_time_on_hover_in_the_zone_of_the_reader():
    then = datetime(2026, 11, 20, 21, 30, tzinfo=UTC)

    with timezone.override("Europe/Moscow"), translation.override("en"):
        shown = moment(then)

    assert 'title="21 November 2026, 00:30"' in shown
    assert 'datetime="2026-11-21T00:30:00+03:00"' in shown


@pytest.mark.parametrize("show", [code, copyable, moment])
def test_nothing_is_a_dash(show):
    assert show(None) == EMPTY


@pytest.mark.parametrize("show", [code, copyable])
def test_an_id_is_never_markup(show):
    assert "<script" not in show(HOSTILE)
    assert "&lt;script" in show(HOSTILE)
