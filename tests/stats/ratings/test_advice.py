"""What to make of an opponent, and the numbers it came from."""

from random import Random

import pytest

from stats.ratings import (
    Member,
    advise,
    clutchers,
    compare_maps,
    dangerous_players,
    map_advice,
    map_strengths,
    snipers,
    streaking,
    weak_targets,
)

NO_CLUTCHES = {"1v2_count": None, "1v2_wins": None, "1v2_rate": None}


def told(advice):
    return [(each["kind"], each["player_id"] or each["map"]) for each in advice]


def compared(difference, *, matches=(100, 100), standard_error=1.5):
    return {
        "team1_winrate": 50.0 + difference,
        "team1_matches": matches[0],
        "team1_players": 5,
        "team2_winrate": 50.0,
        "team2_matches": matches[1],
        "team2_players": 5,
        "difference": difference,
        "standard_error": standard_error,
    }


def test_the_most_dangerous_come_first_with_their_numbers():
    strong = Member(
        "b",
        "bob",
        danger_level=5,
        matches=20,
        rating=1.4,
        rating_version="1.0",
        winrate=70.0,
        kd=1.5,
        recent_form="WW",
    )
    others = [
        Member("a", "ann", danger_level=4, rating=1.2, matches=10),
        Member("c", "cid", danger_level=4, rating=1.3, matches=2000),
        Member("d", "dan", danger_level=3, rating=1.9, matches=10),
        Member("e", "eve"),
        Member("f", "few", danger_level=5, rating=1.9, matches=9),
        Member("u", "unknown", danger_level=5, rating=1.9),
    ]

    found = dangerous_players([*others, strong])

    assert told(found) == [("dangerous_player", who) for who in "bca"]
    assert found[0] == {
        "kind": "dangerous_player",
        "player_id": "b",
        "nickname": "bob",
        "map": None,
        "because": {
            "danger_level": 5,
            "matches": 20,
            "rating": 1.4,
            "rating_version": "1.0",
            "winrate": 70.0,
            "kd": 1.5,
            "recent_form": "WW",
            "danger_level_from": 4,
            "matches_from": 10,
        },
    }


@pytest.mark.parametrize(
    ("figures", "signs"),
    [
        ({"rating": 0.89, "kd": 0.84, "recent_form": "LLLLW"}, ["rating", "kd", "recent_form"]),
        ({"rating": 0.89, "kd": 0.85, "recent_form": "LLLLL"}, ["rating", "recent_form"]),
        ({"kd": 0.84, "recent_form": "WLLLLWWWWW"}, ["kd", "recent_form"]),
        ({"rating": 0.89, "kd": 0.85, "recent_form": "LLLWW"}, None),
        ({"rating": 0.9, "kd": 0.84, "recent_form": "LLLL"}, None),
        ({"rating": 0.5}, None),
        ({}, None),
    ],
)
def test_a_weak_target_shows_two_signs(figures, signs):
    found = weak_targets([Member("a", "ann", matches=10, **figures)])

    assert [each["because"]["signs"] for each in found] == ([] if signs is None else [signs])


def test_the_weakest_come_first():
    team = [
        Member(who, who, matches=10, rating=rating, kd=0.5)
        for who, rating in (("a", 0.8), ("b", 0.6), ("c", 0.7))
    ]

    assert told(weak_targets(team)) == [("weak_target", who) for who in "bca"]
    because = weak_targets(team)[0]["because"]
    assert (because["rating"], because["matches"], because["matches_from"]) == (0.6, 10, 10)


@pytest.mark.parametrize("matches", [None, 1, 9])
def test_nobody_is_weak_by_less_than_ten_matches(matches):
    assert weak_targets([Member("a", "ann", matches=matches, rating=0.5, kd=0.5)]) == []


def test_snipers_are_told_by_their_share_of_kills():
    def sniping(who, share, kills=100):
        weapons = {"kills": kills, "sniper": share, "pistol": 1.0, "knife": 0.0, "zeus": 0.0}
        return Member(who, who, weapons=weapons)

    snipes = [sniping("a", 30.0), sniping("b", 29.99), sniping("c", 60.0, 12_190), sniping("d", None)]
    found = snipers([*snipes, sniping("f", 90.0, 99), sniping("g", 90.0, None), Member("e", "e")])

    assert told(found) == [("sniper", "c"), ("sniper", "a")]
    assert found[0]["because"] == {
        "sniper_percent": 60.0,
        "kills": 12_190,
        "percent_from": 30,
        "kills_from": 100,
    }


def test_clutchers_win_most_of_enough_clutches():
    def alone(who, count, wins, rate):
        return Member(
            who, who, clutches={"1v1_count": count, "1v1_wins": wins, "1v1_rate": rate, **NO_CLUTCHES}
        )

    team = [
        alone("a", 10, 6, 60.0),
        alone("b", 9, 9, 100.0),
        alone("c", 100, 59, 59.0),
        alone("d", None, None, None),
    ]
    found = clutchers([*team, alone("f", 20, 16, 80.0), Member("e", "e")])

    assert told(found) == [("clutcher", "f"), ("clutcher", "a")]
    assert found[1]["because"] == {
        "1v1_count": 10,
        "1v1_wins": 6,
        "1v1_rate": 60.0,
        **NO_CLUTCHES,
        "percent_from": 60,
        "count_from": 10,
    }


def test_streaks_are_of_five_or_more():
    forms = {"a": "WWWWWL", "b": "WWWWLW", "c": "LLLLLLLLLL", "d": "", "e": None}

    found = streaking([Member(who, who, recent_form=form) for who, form in forms.items()])

    assert told(found) == [("losing_streak", "c"), ("winning_streak", "a")]
    assert found[1]["because"] == {"length_at_least": 5, "recent_form": "WWWWWL", "length_from": 5}


def test_maps_to_pick_and_to_ban_the_clearest_first():
    comparisons = {"de_nuke": compared(8.0), "de_mirage": compared(-12.0), "de_train": compared(5.0)}

    found = map_advice(comparisons)

    assert told(found) == [("ban_map", "de_mirage"), ("pick_map", "de_nuke"), ("pick_map", "de_train")]
    mirage = comparisons["de_mirage"]
    assert found[0]["because"] == {
        "own_winrate": mirage["team1_winrate"],
        "own_matches": 100,
        "own_players": 5,
        "other_winrate": 50.0,
        "other_matches": 100,
        "other_players": 5,
        "difference": mirage["difference"],
        "standard_error": 1.5,
        "difference_from": 5,
        "standard_errors_from": 2.7,
        "matches_per_player_from": 10,
    }


@pytest.mark.parametrize(
    "comparison",
    [
        compared(4.99),
        compared(-4.99),
        compared(40.0, matches=(49, 500)),
        compared(40.0, matches=(500, 49)),
        compared(12.0, standard_error=12.01),
        compared(12.0, standard_error=4.45),
    ],
)
def test_what_may_be_chance_is_no_advice(comparison):
    assert map_advice({"de_nuke": comparison}) == []


def test_a_difference_beyond_chance_is_advice():
    assert told(map_advice({"de_nuke": compared(12.0, standard_error=4.44)})) == [("pick_map", "de_nuke")]


def test_equal_teams_get_hardly_any_advice_about_maps():
    """Of matches of two premade teams whose chance is one half on each map, one in twenty; 400 vary by 13."""
    luck, advised = Random(5), 0
    for _match in range(400):
        teams = [{f"de_{n}": sum(luck.choices((0, 1), k=60)) / 0.6 for n in range(7)} for _team in range(2)]
        strengths = [map_strengths([member_on(rates, 60)] * 5) for rates in teams]
        advised += bool(map_advice(compare_maps(*strengths)))

    assert 0 < advised <= 20 + 13


def member_on(rates, matches):
    maps = {name: {"matches": matches, "winrate": rate} for name, rate in rates.items()}
    return Member("a", "ann", maps=maps)


def test_a_map_outside_of_the_pool_is_no_advice():
    comparisons = {"de_nuke": compared(8.0), "de_cache": compared(20.0)}

    assert told(map_advice(comparisons, pool=["de_nuke"])) == [("pick_map", "de_nuke")]


def test_all_advice_to_a_team_is_about_its_opponents():
    def figures(winrate):
        return {
            "de_nuke": {
                "matches": 250,
                "winrate": winrate,
                "avg_rating": None,
                "avg_kd": None,
                "avg_adr": None,
            }
        }

    ours = [Member(f"our{n}", "x", matches=10, danger_level=5, maps=figures(60.0)) for n in range(5)]
    theirs = [
        Member("star", "x", matches=10, danger_level=5, maps=figures(40.0)),
        Member("weak", "x", matches=10, rating=0.7, kd=0.7, recent_form="LLLLL", maps=figures(40.0)),
    ]

    assert told(advise(ours, theirs)) == [
        ("dangerous_player", "star"),
        ("weak_target", "weak"),
        ("losing_streak", "weak"),
        ("pick_map", "de_nuke"),
    ]
    assert told(advise(theirs, ours))[-1] == ("ban_map", "de_nuke")
    assert told(advise(ours, theirs, pool=[]))[-1] == ("losing_streak", "weak")
