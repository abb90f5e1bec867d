"""One name for each map, whatever a body calls it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceitbot.core.errors import InvalidInput
from faceitbot.faceit import map_name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Mirage", "de_mirage"),
        ("de_mirage", "de_mirage"),
        ("DE_MIRAGE", "de_mirage"),
        ("workshop/125438255/de_mirage", "de_mirage"),
        ("Dust2", "de_dust2"),
        ("Dust 2", "de_dust2"),
        ("Dust II", "de_dust2"),
        ("de_dust2", "de_dust2"),
        ("Pango ", "de_pango"),
        ("de_pango ", "de_pango"),
        ("Short-Nuke", "de_short_nuke"),
        ("Office", "cs_office"),
        ("cs_insertion2", "cs_insertion2"),
        ("Insertion2", "cs_insertion2"),
        ("aim_map", "aim_map"),
        ("3628085687", "3628085687"),
    ],
)
def test_it_is_found_in_every_spelling(written, name):
    assert map_name(written) == name


@pytest.mark.parametrize(
    "wrong", [None, 7, "", " ", "de_mirage/", "de\x00mirage", "x" * 65, "x" * 62, "İ" * 60]
)
def test_what_is_no_name_is_refused(wrong):
    with pytest.raises(InvalidInput) as refused:
        map_name(wrong, "rounds[0].round_stats.Map")

    assert refused.value.context["field"] == "rounds[0].round_stats.Map"


@given(st.text(max_size=70))
def test_a_name_is_its_own_name(text):
    try:
        name = map_name(text)
    except InvalidInput:
        return

    assert map_name(name) == name
    assert len(name) <= 64
