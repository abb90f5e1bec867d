"""Two teams side by side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.ratings import Member, compare_maps, compare_teams, map_strengths, team_averages
from tests.stats.ratings.values import few, members, mixed, seeds, strange_values


def on_map(matches, winrate, rating=None, kd=None, adr=None, version="1.0"):
    return {
        "matches": matches,
        "winrate": winrate,
        "avg_rating": rating,
        "rating_version": None if rating is None else version,
        "avg_kd": kd,
        "avg_adr": adr,
    }


def only_known(figures):
    return {name: figure for name, figure in figures.items() if figure is not None}


def of_one(*figures):
    return {"players": 1, **on_map(*figures)}


def of_five(*figures):
    return {"players": 5, **on_map(*figures)}


def test_averages_of_a_team_are_over_those_who_have_the_figure():
    team = [
        Member("a", "a", elo=1500, skill_level=7, rating=1.0, winrate=50.0, kd=1.0, adr=80.0, danger_level=2),
        Member(
            "b", "b", elo=1600, skill_level=8, rating=1.25, winrate=55.0, kd=None, adr=None, danger_level=3
        ),
        Member("c", "c"),
    ]

    assert team_averages(team) == {
        "players": 3,
        "elo": {"average_elo": 1550, "known": 2, "estimated": 0, "unknown": 1},
        "skill_level": 7.5,
        "rating": 1.12,
        "rating_version": None,
        "winrate": 52.5,
        "kd": 1.0,
        "adr": 80.0,
        "danger_level": 2.5,
    }


def test_a_map_is_as_strong_as_the_matches_on_it():
    team = [
        Member("a", "a", maps={"de_nuke": on_map(30, 60.0, 1.1, 1.2, 80.0)}),
        Member("b", "b", maps={"de_nuke": on_map(10, 40.0, None, 0.8, 60.0), "de_mirage": on_map(1, None)}),
    ]

    assert map_strengths(team) == {
        "de_mirage": {"players": 1, **on_map(1, None)},
        "de_nuke": {"players": 2, **on_map(40, 55.0, 1.1, 1.1, 75.0)},
    }


@pytest.mark.parametrize(
    ("versions", "shown"),
    [
        (["1.0", "1.0"], "1.0"),
        (["1.0", "1.0-estimated"], "1.0-estimated"),
        (["1.0-estimated"], "1.0-estimated"),
        (["1.0", "2.0"], None),
        (["1.0", None], None),
        ([], None),
    ],
)
def test_a_mean_of_ratings_is_an_estimate_if_one_of_them_is(versions, shown):
    figures = [on_map(5, 50.0, 1.1, version=version) for version in versions]
    team = [
        Member(str(n), "p", rating=1.1, rating_version=version, maps={"de_nuke": figures[n]})
        for n, version in enumerate(versions)
    ]
    unrated = Member("x", "x", rating_version="2.0", maps={"de_nuke": on_map(5, 50.0)})

    assert team_averages([*team, unrated])["rating_version"] == shown
    assert map_strengths([*team, unrated])["de_nuke"]["rating_version"] == shown


def test_figures_that_are_left_out_are_figures_that_are_not_known():
    """Stored figures may be a bot's own, with less in them."""
    figures = only_known(on_map(4, 50.0))

    assert figures == {"matches": 4, "winrate": 50.0}
    assert map_strengths([Member("a", "a", maps={"de_nuke": figures})]) == {
        "de_nuke": {"players": 1, **on_map(4, 50.0)}
    }


def test_maps_are_compared_where_both_teams_know_them():
    ours = {"de_nuke": of_one(98, 60.0), "de_train": of_one(9, 50.0)}
    theirs = {"de_nuke": of_one(48, 50.0), "de_dust2": of_one(9, 50.0)}

    assert compare_maps(ours, theirs) == {
        "de_nuke": {
            "team1_winrate": 60.0,
            "team1_matches": 98,
            "team1_players": 1,
            "team2_winrate": 50.0,
            "team2_matches": 48,
            "team2_players": 1,
            "difference": 10.0,
            "standard_error": pytest.approx(8.6, abs=0.05),  # sqrt(0.598 x 0.402 / 100 + 0.25 / 50)
        }
    }


def test_three_wins_of_three_are_not_taken_for_certainty():
    """Each share with a win and a loss added is 0.8 or 0.2 of 5: sqrt(2 x 0.16 / 5)."""
    compared = compare_maps({"de_nuke": of_one(3, 100.0)}, {"de_nuke": of_one(3, 0.0)})

    assert compared["de_nuke"]["standard_error"] == 25.3


def test_matches_of_team_mates_count_once_for_all_who_may_have_played_them():
    alone = compare_maps({"de_nuke": of_one(20, 60.0)}, {"de_nuke": of_one(30, 40.0)})
    together = compare_maps({"de_nuke": of_five(100, 60.0)}, {"de_nuke": of_five(150, 40.0)})

    assert together["de_nuke"]["standard_error"] == alone["de_nuke"]["standard_error"]
    assert (together["de_nuke"]["team1_matches"], together["de_nuke"]["team1_players"]) == (100, 5)


def test_a_map_without_results_is_not_compared():
    assert compare_maps({"de_nuke": of_five(5, 50.0)}, {"de_nuke": of_five(5, None)}) == {}


def test_a_comparison_has_both_sides_and_the_prediction():
    team1 = [Member(str(n), "p", elo=1900, maps={"de_nuke": on_map(20, 60.0)}) for n in range(5)]
    team2 = [Member(str(n), "p", elo=1500, maps={"de_nuke": on_map(20, 40.0)}) for n in range(5)]

    comparison = compare_teams(team1, team2)

    assert comparison["team1"]["averages"]["elo"]["average_elo"] == 1900
    assert comparison["team2"]["maps"]["de_nuke"]["matches"] == 100
    assert comparison["maps"]["de_nuke"]["difference"] == 20.0
    assert comparison["prediction"]["team1_probability"] == pytest.approx(10 / 11)


teams = st.lists(members, max_size=5)


@few
@given(teams, teams, seeds)
def test_a_comparison_depends_on_nobodys_place(team1, team2, seed):
    comparison, swapped = compare_teams(team1, team2), compare_teams(team2, team1)

    assert compare_teams(mixed(team1, seed), team2) == comparison
    assert (swapped["team1"], swapped["team2"]) == (comparison["team2"], comparison["team1"])
    assert strange_values(comparison) == []
