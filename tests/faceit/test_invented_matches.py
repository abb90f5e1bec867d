"""The bodies of our own making agree with each other, as those of FACEIT do."""

from collections import Counter

import pytest

from examples import faceit_bodies, faceit_statistics
from examples.faceit_play import invent_people, play
from tests.faceit.made import AT, BEST_OF_THREE, CSGO, FIRST, MATCH, MATCHES, PEOPLE

PLAYED = [*MATCHES, BEST_OF_THREE, CSGO]
MULTIPLES = {"Double Kills": 2, "Triple Kills": 3, "Quadro Kills": 4, "Penta Kills": 5}


@pytest.mark.parametrize("played", PLAYED, ids=lambda played: played.match_id)
def test_every_kill_is_a_death_and_every_figure_is_possible(played):
    for part in played.maps:
        rounds = sum(part.score)
        total = sum(part.figures.values(), Counter[str]())
        assert total["Kills"] == total["Deaths"]
        assert total["Entry Count"] == 2 * rounds
        assert total["Entry Wins"] == total["MVPs"] == rounds
        for line in part.figures.values():
            assert line["Deaths"] <= rounds
            assert sum(of * line[name] for name, of in MULTIPLES.items()) <= line["Kills"]
            assert line["Sniper Kills"] + line["Pistol Kills"] + line["Headshots"] <= 2 * line["Kills"]


@pytest.mark.parametrize("played", PLAYED, ids=lambda played: played.match_id)
def test_a_map_ends_when_somebody_has_won_it(played):
    first_to = 16 if played.game == "csgo" else 13
    for part in played.maps:
        low, high = sorted(part.score)
        assert high == first_to if low < first_to - 1 else (high - first_to) % 3 == 0
        assert sum(part.parts[0]) == first_to - 1
        assert tuple(map(sum, zip(*part.parts, strict=True))) == part.score


def test_a_best_of_three_ends_with_the_second_win():
    either_way = (PEOPLE, PEOPLE[::-1])
    scores = {play(people, AT, seed=seed, best_of=3).score for people in either_way for seed in range(8)}

    assert scores == {(2, 0), (2, 1), (0, 2), (1, 2)}


def test_a_body_of_a_match_and_its_statistics_speak_of_the_same():
    match, (played,) = faceit_bodies.match(MATCH), faceit_statistics.match_stats(MATCH)["rounds"]
    teams = {team["team_id"]: team for team in played["teams"]}

    for side in ("faction1", "faction2"):
        team = teams[match["teams"][side]["faction_id"]]
        roster = [player["player_id"] for player in match["teams"][side]["roster"]]
        assert [player["player_id"] for player in team["players"]] == roster
        assert team["team_stats"]["Final Score"] == str(match["results"]["score"][side])
    assert played["round_stats"]["Winner"] == match["teams"][match["results"]["winner"]]["faction_id"]
    assert match["voting"]["map"]["pick"] == [played["round_stats"]["Map"]]


def test_a_life_is_the_sum_of_its_matches():
    life = faceit_statistics.lifetime_stats(FIRST, MATCHES)
    rows = [item["stats"] for item in faceit_statistics.game_stats(FIRST, MATCHES)["items"]]

    assert life["lifetime"]["Matches"] == str(len(rows))
    assert life["lifetime"]["Recent Results"] == [row["Result"] for row in reversed(rows)]
    assert sum(int(part["stats"]["Kills"]) for part in life["segments"]) == sum(
        int(row["Kills"]) for row in rows
    )


def test_the_same_seed_gives_the_same_and_another_one_other_matches():
    again = play(invent_people(10), AT)

    assert again == MATCH
    assert play(PEOPLE, AT, seed=99).match_id != MATCH.match_id
    assert len({person.nickname for person in invent_people(200)}) == 200
