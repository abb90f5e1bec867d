"""All of a player's figures from his matches."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.ratings import Lifetime, PlayedMatch, Rated, danger_level, player_card, rating_1_0
from tests.stats.ratings.values import START, few, mixed, played_matches, seeds, strange_values

DAY = timedelta(days=1)
GOOD = PlayedMatch(
    won=True,
    map_name="de_nuke",
    rounds=20,
    kills=20,
    deaths=10,
    adr=100.0,
    double_kills=4,
    triple_kills=1,
    quadro_kills=0,
    penta_kills=0,
    sniper_kills=8,
    pistol_kills=2,
    knife_kills=0,
    zeus_kills=0,
    entry_count=3,
    entry_wins=2,
    one_v_one_count=1,
    one_v_one_wins=1,
    one_v_two_count=0,
    one_v_two_wins=0,
)
BAD = replace(
    GOOD, won=False, map_name="de_mirage", kills=10, deaths=20, adr=50.0, double_kills=0, triple_kills=0
)


def test_a_card_by_hand():
    """Twenty new matches, of which 15 were won, and five old ones that only maps and streaks see."""
    newest = [replace(GOOD, played_at=START - number * DAY) for number in range(15)]
    lost = [replace(BAD, played_at=START - (15 + number) * DAY) for number in range(5)]
    oldest = [replace(BAD, played_at=START - (30 + number) * DAY) for number in range(5)]

    card = player_card([*oldest, *newest, *lost], elo=1800, skill_level=9)

    rating = (15 * rating_1_0(20, 10, 20, 9, 4, 1, 0, 0) + 5 * rating_1_0(10, 20, 20, 10, 0, 0, 0, 0)) / 20
    assert card["skill_level"] == 9
    assert (card["faceit_elo"], card["estimated_elo"]) == (1800, None)
    assert (card["winrate"], card["avg_kd"], card["avg_adr"]) == (75.0, 1.4, 87.5)  # 350 / 250
    assert (card["hltv_rating"], card["rating_version"]) == (round(rating, 2), "1.0")
    assert card["recent_form"] == "W" * 10
    assert card["danger_level"] == 5
    assert card["player_role"] == "sniper"
    assert card["match_history_stats"] == {
        "matches": 25,
        "averaged": 20,
        "wins": 15,
        "losses": 10,
        "form_trend": "good",
        "streaks": {"current": 15, "current_kind": "W", "longest_win": 15, "longest_loss": 10},
    }
    assert {name: figures["matches"] for name, figures in card["map_performance"].items()} == {
        "de_mirage": 10,
        "de_nuke": 15,
    }
    assert card["weapon_preferences"]["sniper"] == 50.0  # 200 / 400
    assert card["clutch_stats"]["1v1_count"] == 25


def test_of_a_player_without_matches_nothing_is_claimed():
    card = player_card([])

    assert (card["hltv_rating"], card["winrate"], card["danger_level"], card["player_role"]) == (None,) * 4
    assert (card["skill_level"], card["faceit_elo"], card["estimated_elo"]) == (None, None, None)
    assert card["recent_form"] == ""
    assert card["match_history_stats"]["matches"] == 0


def test_lifetime_statistics_stand_in_where_there_are_no_matches():
    lifetime = Lifetime(
        winrate=50,
        kd=0.951,
        adr=75.72,
        rated=Rated(0.98123, "1.0-estimated"),
        recent_form="WWWWL",
        played=PlayedMatch(rounds=17695, kills=12190, sniper_kills=55, entry_count=2570, entry_wins=1202),
    )

    card = player_card([], lifetime=lifetime)

    assert (card["winrate"], card["avg_kd"], card["avg_adr"]) == (50, 0.95, 75.72)
    assert (card["hltv_rating"], card["rating_version"]) == (0.98, "1.0-estimated")
    assert (card["recent_form"], card["match_history_stats"]["form_trend"]) == ("WWWWL", "good")
    assert card["danger_level"] == danger_level(0.98, 50, 0.95, "WWWWL")
    assert card["weapon_preferences"]["sniper"] == 0.45
    assert card["player_role"] == "rifler"


@pytest.mark.parametrize(("matches", "told"), [(9, False), (10, True)])
def test_ten_matches_come_before_lifetime_statistics_but_for_the_way_to_play(matches, told):
    lifetime = Lifetime(
        matches=2423,
        winrate=1,
        kd=1,
        adr=1,
        rated=Rated(1, "1.0-estimated"),
        recent_form="LLLLL",
        played=PlayedMatch(kills=100, sniper_kills=1),
    )

    card = player_card([GOOD] * matches, lifetime=lifetime)

    rating = (round(rating_1_0(20, 10, 20, 9, 4, 1, 0, 0), 2), "1.0")
    assert (card["winrate"], card["avg_kd"], card["avg_adr"]) == ((100, 2, 100) if told else (1, 1, 1))
    assert (card["hltv_rating"], card["rating_version"]) == (rating if told else (1, "1.0-estimated"))
    assert card["match_history_stats"]["averaged"] == (10 if told else 2423)
    assert card["recent_form"] == "W" * matches
    assert card["weapon_preferences"]["sniper"] == 1.0


def test_one_match_does_not_outweigh_a_life():
    lifetime = Lifetime(2423, winrate=50, kd=1.2, rated=Rated(1.05, "1.0-estimated"), recent_form="LWLWW")

    before, after = player_card([], lifetime=lifetime), player_card([GOOD], lifetime=lifetime)

    names = ("winrate", "avg_kd", "hltv_rating", "rating_version", "recent_form", "danger_level")
    assert [dict(after)[name] for name in names] == [dict(before)[name] for name in names]
    assert after["avg_adr"] == 100  # which nothing else tells
    assert (after["match_history_stats"]["averaged"], after["match_history_stats"]["matches"]) == (2423, 1)


def test_averages_that_one_match_gives_say_so():
    lifetime = Lifetime(matches=2423, winrate=50, kd=1.2)

    card = player_card([GOOD, replace(GOOD, rounds=None)], lifetime=lifetime)

    assert (card["winrate"], card["rating_version"], card["match_history_stats"]["averaged"]) == (
        50,
        "1.0",
        1,
    )


def test_level_and_elo_stand_in_for_each_other_in_cs2_alone():
    assert player_card([], elo=1800)["skill_level"] == 9
    assert player_card([], skill_level=8)["estimated_elo"] == 1640.5
    assert player_card([], elo=1800, skill_level=3)["skill_level"] == 3
    assert player_card([], elo=1800, game="csgo")["skill_level"] is None
    assert player_card([], skill_level=8, game="csgo")["estimated_elo"] is None


@pytest.mark.parametrize("rounds", [None, 0])
def test_matches_without_rounds_have_no_rating_but_the_rest(rounds):
    card = player_card([replace(GOOD, rounds=rounds)])

    assert (card["hltv_rating"], card["rating_version"], card["danger_level"]) == (None, None, None)
    assert (card["winrate"], card["avg_kd"]) == (100.0, 2.0)


@few
@given(
    st.lists(played_matches(), max_size=6, unique_by=lambda match: match.played_at),
    seeds,
)
def test_the_order_of_matches_does_not_matter_where_times_are_known(matches, seed):
    card = player_card(matches)

    assert player_card(mixed(matches, seed)) == card
    assert strange_values(card) == []
    assert card["danger_level"] == danger_level(
        card["hltv_rating"], card["winrate"], card["avg_kd"], card["recent_form"]
    )
