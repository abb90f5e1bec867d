"""Form, its trend, and streaks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.ratings import PlayedMatch, form_trend, recent_form, results_text, streaks
from tests.stats.ratings.values import quickly


def test_form_reads_newest_first_and_leaves_out_what_is_unknown():
    matches = [PlayedMatch(won=won) for won in (True, True, None, False, True)]

    assert recent_form(matches) == "WWLW"


def test_form_has_ten_letters_at_most_whatever_is_unknown():
    matches = [PlayedMatch()] * 5 + [PlayedMatch(won=True)] * 9 + [PlayedMatch(won=False)] * 9

    assert recent_form(matches) == "WWWWWWWWWL"


def test_there_is_no_form_without_matches():
    assert recent_form([]) == ""


@pytest.mark.parametrize(
    ("form", "trend"),
    [
        ("WWWLL", "good"),
        ("WWLLL", "average"),
        ("WWWWWLLLLL", "average"),
        ("WLLLL", "poor"),
        ("L", "poor"),
        ("W", "good"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_the_trend_of_a_form(form, trend):
    assert form_trend(form) == trend


def test_streaks_by_hand():
    assert streaks("WWLWWWWLLW") == {"current": 2, "current_kind": "W", "longest_win": 4, "longest_loss": 2}
    assert streaks("LLL") == {"current": 3, "current_kind": "L", "longest_win": 0, "longest_loss": 3}
    assert streaks("") == {"current": 0, "current_kind": None, "longest_win": 0, "longest_loss": 0}


@quickly
@given(st.lists(st.none() | st.booleans(), max_size=30))
def test_streaks_are_in_the_results(results):
    text = results_text(results)
    found = streaks(text)

    assert "W" * found["longest_win"] in text
    assert "W" * (found["longest_win"] + 1) not in text
    assert "L" * found["longest_loss"] in text
    assert "L" * (found["longest_loss"] + 1) not in text
    assert text.startswith((found["current_kind"] or "") * found["current"])
    assert len(text) == len([won for won in results if won is not None])
