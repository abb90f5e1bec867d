"""A match is analysed from what is stored about it and about its players."""

import json
from statistics import mean

import pytest

from examples import faceit_bodies
from examples.faceit_play import play
from faceitbot.analysis import build_analysis, players_to_ask
from matches.models import MatchAnalysis
from matches.repositories import MatchRepository
from stats.models import PlayerStatsCache, Prediction
from stats.ratings import expected_score
from tests.faceitbot.analysis.playing import NOW, record_match, record_past, record_players, season
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
matches, users = MatchRepository(), UserRepository()


@pytest.fixture
def played():
    """A match that is about to begin, of players about whom all is known."""
    found = season()
    record_past(found)
    record_players(found)
    record_match(found.coming)
    return found


def analysis_of(a_season, **more):
    return build_analysis.blocking(a_season.coming.match_id, now=NOW, **more)


def elos(a_season, side):
    return [person.elo for person in a_season.coming.sides[side].people]


def test_an_analysis_is_what_create_analysis_takes(played):
    user = users.create_user.blocking(7)
    analysis = analysis_of(played)

    stored = matches.create_analysis.blocking(user.pk, played.coming.match_id, analysis, 120, now=NOW)

    assert json.loads(json.dumps(analysis)) == analysis
    fresh = MatchAnalysis.objects.get(pk=stored.pk)
    assert fresh.team1_analysis == analysis["team1_analysis"]
    assert fresh.prediction == analysis["prediction"]
    assert fresh.details["recommendations"] == analysis["recommendations"]
    assert (fresh.game, fresh.status, fresh.competition_name) == ("cs2", "ready", "Europe 5v5 Queue")
    assert fresh.match_url == f"https://www.faceit.com/en/cs2/room/{played.coming.match_id}"
    assert fresh.cached_data_used is True


def test_the_figures_of_a_team_are_those_of_its_players_cards(played):
    analysis = analysis_of(played)

    for side, name in enumerate(("team1_analysis", "team2_analysis")):
        team, people = analysis[name], played.coming.sides[side].people
        cards = {card.player_id: card for card in PlayerStatsCache.objects.all()}
        of_team = [cards[person.player_id] for person in people]
        assert [player["player_id"] for player in team["players"]] == [p.player_id for p in people]
        assert [player["rating"] for player in team["players"]] == [card.hltv_rating for card in of_team]
        assert team["averages"]["rating"] == round(mean(card.hltv_rating for card in of_team), 2)
        assert team["averages"]["elo"] == {
            "average_elo": round(mean(elos(played, side)), 2),
            "known": 5,
            "estimated": 0,
            "unknown": 0,
        }
        maps = {match.maps[0].name for match in played.past}
        assert set(team["maps"]) == maps
        for figures in team["maps"].values():
            assert figures["matches"] % 5 == 0


def test_the_chances_are_elos_expectation_and_are_kept(played):
    prediction = analysis_of(played)["prediction"]

    expected = expected_score(mean(elos(played, 0)), mean(elos(played, 1)))
    assert prediction["team1_probability"] == pytest.approx(expected, abs=1e-4)
    kept = Prediction.objects.get(match_id=played.coming.match_id)
    assert kept.team1_probability == prediction["team1_probability"]
    assert kept.inputs == prediction["inputs"]


def test_advice_is_data_with_the_numbers_it_came_from():
    found = season(past=12)
    record_past(found)
    record_players(found)
    record_match(found.coming)
    analysis = analysis_of(found)

    rivals = {"team1": "team2_analysis", "team2": "team1_analysis"}
    for team, rival in rivals.items():
        about = {player["player_id"]: player for player in analysis[rival]["players"]}
        for advice in analysis["recommendations"][team]:
            assert advice["because"], advice
            if advice["player_id"] is not None and "rating" in advice["because"]:
                assert advice["because"]["rating"] == about[advice["player_id"]]["rating"]
                assert advice["because"]["matches"] == about[advice["player_id"]]["matches"] == 12
    kinds = {advice["kind"] for team in analysis["recommendations"].values() for advice in team}
    assert "sniper" in kinds  # each team of the invented players has one


def test_whoever_has_no_card_counts_with_the_level_of_the_roster():
    found = season()
    record_match(found.coming)

    analysis = analysis_of(found)

    everybody = [person.player_id for side in found.coming.sides for person in side.people]
    assert analysis["unknown_players"] == everybody
    assert players_to_ask.blocking(found.coming.match_id, now=NOW) == everybody
    player = analysis["team1_analysis"]["players"][0]
    person = found.coming.sides[0].people[0]
    assert (player["skill_level"], player["rating"], player["recent_form"]) == (person.level, None, None)
    assert analysis["prediction"]["reason"] == "too_few_known_elos"
    assert analysis["prediction"]["team1_probability"] is None
    assert Prediction.objects.count() == 0


def test_levels_of_csgo_are_not_taken_for_those_of_cs2():
    found = season()
    matches.record_match.blocking({**faceit_bodies.match(found.coming, "READY"), "game": "csgo"}, now=NOW)

    elo = analysis_of(found)["team1_analysis"]["averages"]["elo"]

    assert elo == {"average_elo": None, "known": 0, "estimated": 0, "unknown": 5}


def test_nobody_is_asked_about_who_is_known(played):
    assert players_to_ask.blocking(played.coming.match_id, now=NOW) == []


def test_whoever_is_known_by_his_matches_alone_is_asked_about():
    found = season()
    record_past(found)
    record_match(found.coming)

    everybody = [person.player_id for side in found.coming.sides for person in side.people]
    assert analysis_of(found)["unknown_players"] == []
    assert players_to_ask.blocking(found.coming.match_id, now=NOW) == everybody


def test_a_match_that_is_not_stored_cannot_be_analysed():
    assert build_analysis.blocking("1-unknown") is None
    assert players_to_ask.blocking("1-unknown") == []


def test_what_is_said_after_a_match_is_no_prediction(played):
    record_match(played.coming, "FINISHED")

    analysis = analysis_of(played)

    assert analysis["match_info"]["winner"] == f"team{played.coming.winner + 1}"
    assert analysis["prediction"]["team1_probability"] is not None
    assert Prediction.objects.count() == 0


def test_maps_are_advised_about_only_while_they_are_voted_on(played):
    body = faceit_bodies.match(played.coming, "VOTING")
    body["voting"] = {**faceit_bodies.match(played.coming, "READY")["voting"]}
    body["voting"]["map"] = {**body["voting"]["map"], "pick": []}
    cards = PlayerStatsCache.objects.all()
    strong = {"de_nuke": {"matches": 40, "winrate": 80.0, "avg_rating": 1.2, "avg_kd": 1.2, "avg_adr": 80.0}}
    weak = {"de_nuke": {**strong["de_nuke"], "winrate": 30.0}}
    for side, maps in enumerate((strong, weak)):
        people = [person.player_id for person in played.coming.sides[side].people]
        cards.filter(player_id__in=people).update(map_performance=maps)
    matches.record_match.blocking(body, now=NOW)
    voting = analysis_of(played)["recommendations"]

    record_match(played.coming)
    picked = analysis_of(played)["recommendations"]

    of_maps = [(each["kind"], each["map"]) for each in voting["team1"] if each["map"]]
    assert of_maps == [("pick_map", "de_nuke")]
    assert [(each["kind"], each["map"]) for each in voting["team2"] if each["map"]] == [
        ("ban_map", "de_nuke")
    ]
    assert not [each for team in picked.values() for each in team if each["map"]]


def test_a_walk_over_has_a_side_without_players():
    found = season()
    matches.record_match.blocking(faceit_bodies.walk_over(found.coming), now=NOW)

    analysis = analysis_of(found)

    assert {len(analysis[name]["players"]) for name in ("team1_analysis", "team2_analysis")} == {0, 5}
    assert analysis["prediction"]["team1_probability"] is None


def test_a_match_of_several_maps_has_no_one_map():
    found = season()
    people = [person for side in found.coming.sides for person in side.people]
    best_of_3 = play(people, NOW, seed=9, best_of=3)
    matches.record_match.blocking(faceit_bodies.match(best_of_3, "ONGOING"), now=NOW)

    info = build_analysis.blocking(best_of_3.match_id, now=NOW)["match_info"]

    assert info["map"] is None
    assert info["maps"] == [part.name for part in best_of_3.maps]
    assert info["best_of"] == 3


@pytest.mark.django_db(transaction=True)
async def test_a_bot_awaits_it():
    found = season(past=1)
    await matches.record_match(faceit_bodies.match(found.coming, "READY"))

    analysis = await build_analysis(found.coming.match_id, asked_faceit=True)

    assert analysis["cached_data_used"] is False
    assert len(await players_to_ask(found.coming.match_id)) == 10
