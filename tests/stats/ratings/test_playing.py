"""Roles, clutches and weapons: what FACEIT's extended counts say of a player's way to play."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.ratings import ROLES, PlayedMatch, Playstyle, clutch_stats, player_role, playstyle, weapon_shares
from tests.stats.ratings.values import few, mixed, played_matches, seeds, strange_values

PLAIN = Playstyle(
    rounds=100,
    sniper_share=0.05,
    entries_per_round=0.2,
    entry_success=0.5,
    clutches=10,
    clutch_success=0.3,
    thrown_per_round=0.9,
)


@pytest.mark.parametrize(
    ("style", "kd", "role"),
    [
        ({}, 1.0, "rifler"),
        ({}, None, "rifler"),
        ({}, 1.29, "rifler"),
        ({}, 1.3, "fragger"),
        ({"sniper_share": 0.3}, 1.3, "sniper"),
        ({"sniper_share": 0.29}, 1.0, "rifler"),
        ({"entries_per_round": 0.25, "entry_success": 0.45}, 1.3, "entry"),
        ({"entries_per_round": 0.25, "entry_success": 0.44}, 1.0, "rifler"),
        ({"entries_per_round": 0.24, "entry_success": 0.9}, 1.0, "rifler"),
        ({"clutches": 20, "clutch_success": 0.4}, 1.3, "clutcher"),
        ({"clutches": 19, "clutch_success": 0.9}, 1.0, "rifler"),
        ({"clutches": 90, "clutch_success": 0.39}, 1.0, "rifler"),
        ({"thrown_per_round": 1.3}, 1.3, "support"),
        ({"thrown_per_round": None, "clutches": None, "clutch_success": None}, 1.0, "rifler"),
        ({"rounds": 99, "sniper_share": 0.9}, 1.0, None),
        ({"sniper_share": None}, 2.0, None),
    ],
)
def test_the_first_role_that_the_figures_speak_for(style, kd, role):
    assert player_role(replace(PLAIN, **style), kd) == role


def test_the_figures_behind_a_role_by_hand():
    told = PlayedMatch(
        rounds=20,
        kills=20,
        sniper_kills=5,
        entry_count=6,
        entry_wins=3,
        one_v_one_count=2,
        one_v_one_wins=1,
        one_v_two_count=2,
        one_v_two_wins=0,
        flash_count=10,
        utility_count=14,
    )
    silent = PlayedMatch(rounds=30, kills=30, deaths=10)

    assert playstyle([told, silent]) == Playstyle(
        rounds=20,
        sniper_share=0.25,
        entries_per_round=0.3,
        entry_success=0.5,
        clutches=4,
        clutch_success=0.25,
        thrown_per_round=1.2,
    )


def test_matches_without_extended_counts_give_no_role():
    silent = [PlayedMatch(rounds=24, kills=30, deaths=10)] * 20

    assert player_role(playstyle(silent), 3.0) is None


def test_clutches_by_hand():
    matches = [
        PlayedMatch(one_v_one_count=3, one_v_one_wins=2, one_v_two_count=1, one_v_two_wins=0),
        PlayedMatch(one_v_one_count=0, one_v_one_wins=0, one_v_two_count=2, one_v_two_wins=1),
        PlayedMatch(one_v_one_count=9),
    ]

    assert clutch_stats(matches) == {
        "1v1_count": 3,
        "1v1_wins": 2,
        "1v1_rate": 66.67,
        "1v2_count": 3,
        "1v2_wins": 1,
        "1v2_rate": 33.33,
    }


def test_without_a_clutch_there_is_no_rate_and_without_counts_nothing():
    never = PlayedMatch(one_v_one_count=0, one_v_one_wins=0)

    assert clutch_stats([never])["1v1_count"] == 0
    assert clutch_stats([never])["1v1_rate"] is None
    assert set(clutch_stats([PlayedMatch(kills=3)]).values()) == {None}


def test_weapons_by_hand():
    """The match without counts adds no kills to those that the shares are of."""
    matches = [
        PlayedMatch(kills=20, sniper_kills=10, pistol_kills=3, knife_kills=0, zeus_kills=1),
        PlayedMatch(kills=10, sniper_kills=0, pistol_kills=3, knife_kills=0),
        PlayedMatch(kills=70),
    ]

    assert weapon_shares(matches) == {
        "kills": 30,
        "sniper": 33.33,
        "pistol": 20.0,
        "knife": 0.0,
        "zeus": 5.0,
    }


def test_without_kills_there_are_no_shares():
    shares = weapon_shares([PlayedMatch(kills=0, sniper_kills=0)])

    assert shares == {"kills": 0, "sniper": None, "pistol": None, "knife": None, "zeus": None}
    assert set(weapon_shares([PlayedMatch(kills=9)]).values()) == {None}


@few
@given(st.lists(played_matches(), max_size=8), seeds)
def test_shares_and_rates_are_percentages_in_any_order(matches, seed):
    others = mixed(matches, seed)
    shares, clutches = weapon_shares(matches), clutch_stats(matches)
    of_kills = [shares["sniper"], shares["pistol"], shares["knife"], shares["zeus"]]
    percentages = [*of_kills, clutches["1v1_rate"], clutches["1v2_rate"]]

    assert all(share is None or 0 <= share <= 100 for share in percentages)
    assert strange_values([shares, clutches]) == []
    assert (weapon_shares(others), clutch_stats(others)) == (shares, clutches)
    assert playstyle(others) == playstyle(matches)
    assert player_role(playstyle(matches), 1.0) in {None, *ROLES}
