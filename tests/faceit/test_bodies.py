"""What the decoders make of bodies of every kind."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from examples import faceit_bodies, faceit_statistics
from faceitbot.faceit import (
    Figures,
    RoundFigures,
    decode_any,
    decode_bans,
    decode_game_stats,
    decode_history,
    decode_hub_matches,
    decode_lifetime_stats,
    decode_match,
    decode_match_stats,
    decode_player,
    decode_ranking,
    decode_search,
    decode_webhook,
)
from tests.faceit.made import AT, BEST_OF_THREE, BODIES, CSGO, FIRST, MATCH, MATCHES, PEOPLE

EXTENDED = set(RoundFigures.__struct_fields__) - set(Figures.__struct_fields__)


@pytest.mark.parametrize(("kind", "body"), BODIES)
def test_bytes_text_and_mapping_give_the_same(kind, body):
    text = json.dumps(body)

    assert decode_any(text) == decode_any(text.encode()) == decode_any(body)
    assert decode_any(text)[0] == kind


def test_a_player_has_his_level_and_elo_in_each_game():
    body = faceit_bodies.player(FIRST)
    body["games"]["tf2"] = {"skill_level": 0, "faceit_elo": 0, "region": ""}

    player = decode_player(body)

    assert player.games["cs2"].elo == FIRST.elo
    assert player.games["cs2"].skill_level == FIRST.level
    assert (player.games["tf2"].elo, player.games["tf2"].skill_level, player.games["tf2"].region) == (
        None,
    ) * 3
    assert (player.player_id, player.nickname, player.avatar) == (FIRST.player_id, FIRST.nickname, None)
    assert player.activated_at == datetime(2021, 5, 15, 13, 29, 43, 243000, UTC)
    assert player.profile_url("ru") == f"https://www.faceit.com/ru/players/{FIRST.nickname}"


def test_a_match_has_both_teams_its_map_and_its_result():
    match = decode_match(faceit_bodies.match(MATCH))

    assert [[member.player_id for member in team.roster] for team in match.teams] == [
        [person.player_id for person in side.people] for side in MATCH.sides
    ]
    assert match.team1.leader_id == FIRST.player_id
    assert match.team1.roster[0].skill_level == FIRST.level
    assert match.team1.roster[0].game_player_id == FIRST.steam_id
    assert (match.status, match.status_raw) == ("finished", "FINISHED")
    assert (match.team1_score, match.team2_score) == MATCH.score
    assert match.winner == f"team{MATCH.winner + 1}"
    assert match.map == MATCH.maps[0].name
    assert match.best_of == 1
    assert (match.started_at, match.finished_at) == (MATCH.started_at, AT)
    assert (match.competition_id, match.competition_name) == (None, "Europe 5v5 Queue")
    assert match.room_url() == f"https://www.faceit.com/en/cs2/room/{MATCH.match_id}"


def test_a_language_cannot_lead_elsewhere():
    match = decode_match(faceit_bodies.match(MATCH))

    assert match.room_url("../x?") == f"https://www.faceit.com/..%2Fx%3F/cs2/room/{MATCH.match_id}"


@pytest.mark.parametrize(("status", "picked"), [("READY", MATCH.maps[0].name), ("VOTING", None)])
def test_a_match_that_has_not_begun_says_less(status, picked):
    match = decode_match(faceit_bodies.match(MATCH, status))

    assert (match.started_at, match.finished_at, match.winner, match.team1_score) == (None,) * 4
    assert match.map == picked
    assert match.configured_at == MATCH.started_at - timedelta(minutes=5)


def test_a_cancelled_match_has_an_empty_winner():
    body = faceit_bodies.match(MATCH)
    body |= {"status": "CANCELLED", "results": {"winner": "", "score": {"faction1": 0, "faction2": 0}}}

    match = decode_match(body)

    assert (match.winner, match.team1_score, match.team2_score) == (None, 0, 0)


def test_nobody_plays_against_who_walks_over():
    match = decode_match(faceit_bodies.walk_over(MATCH))

    assert match.team2.is_bye
    assert not match.team1.is_bye
    assert (match.team2.roster, match.team2.leader_id) == ((), None)
    assert (match.winner, match.map, match.started_at) == ("team1", None, None)


def test_a_map_of_the_workshop_is_picked_by_a_number():
    body = faceit_bodies.match(MATCH)
    body["voting"]["map"] = {
        "entities": [
            {"guid": "3298833586", "game_map_id": "3298833586", "name": "Pango ", "class_name": "de_pango "}
        ],
        "pick": ["3298833586"],
    }

    assert decode_match(body).map == "de_pango"


def test_a_pick_that_could_not_be_voted_for_stays_as_it_is():
    body = faceit_bodies.match(MATCH)
    body["voting"]["map"] = {"pick": ["3298833586", "Mirage"]}

    assert decode_match(body).maps == ("3298833586", "de_mirage")


def test_a_best_of_three_has_its_maps_in_order():
    match = decode_match(faceit_bodies.match(BEST_OF_THREE))
    stats = decode_match_stats(faceit_statistics.match_stats(BEST_OF_THREE))

    names = tuple(part.name for part in BEST_OF_THREE.maps)
    assert len(names) > 1
    assert match.maps == tuple(part.map for part in stats.rounds) == names
    assert match.map is None
    assert [part.match_round for part in stats.rounds] == list(range(1, len(names) + 1))
    assert (match.team1_score, match.team2_score) == BEST_OF_THREE.score
    assert {part.match_id for part in stats.rounds} == {stats.match_id} == {match.match_id}


@pytest.mark.parametrize("played", [MATCH, BEST_OF_THREE, CSGO], ids=["CS2", "best of three", "csgo"])
def test_each_player_has_on_each_map_what_he_did(played):
    stats = decode_match_stats(faceit_statistics.match_stats(played))

    for part, told in zip(stats.rounds, played.maps, strict=True):
        players = {player.player_id: player.figures for team in part.teams for player in team.players}
        assert set(players) == set(told.figures)
        for player_id, figures in players.items():
            line = told.figures[player_id]
            assert (figures.kills, figures.deaths, figures.assists) == (
                line["Kills"],
                line["Deaths"],
                line["Assists"],
            )
            assert (figures.triple_kills, figures.quadro_kills) == (
                line["Triple Kills"],
                line["Quadro Kills"],
            )
        by_id = {team.team_id: team for team in part.teams}
        for number, side in enumerate(played.sides):
            team = by_id[side.team_id]
            assert (team.score, team.won) == (told.score[number], number == told.winner)
            halves = (team.first_half_score, team.second_half_score, team.overtime_score)
            assert halves == tuple(won[number] for won in told.parts)
        assert (part.map, part.rounds, part.winner_id) == (
            told.name,
            sum(told.score),
            played.sides[told.winner].team_id,
        )


def test_cs2_counts_what_csgo_did_not():
    def figures(played):
        return decode_match_stats(faceit_statistics.match_stats(played)).rounds[0].teams[1].players[0].figures

    line = MATCH.maps[0].figures[FIRST.player_id]
    new, old = figures(MATCH), figures(CSGO)

    assert (new.damage, new.double_kills) == (line["Damage"], line["Double Kills"])
    assert new.adr == pytest.approx(line["Damage"] / sum(MATCH.score), abs=0.05)
    assert (new.entry_count, new.one_v_two_count) == (line["Entry Count"], line["1v2Count"])
    assert (new.utility_damage, new.sniper_kills) == (line["Utility Damage"], line["Sniper Kills"])
    assert None not in [getattr(new, name) for name in EXTENDED]
    assert {getattr(old, name) for name in EXTENDED} == {None}
    assert (old.adr, old.damage, old.double_kills) == (None, None, None)
    assert old.kills == CSGO.maps[0].figures[FIRST.player_id]["Kills"]


def test_a_history_has_the_same_matches_in_its_own_words():
    history = decode_history(faceit_bodies.history(MATCHES)).matches
    hub = decode_hub_matches(faceit_bodies.hub_matches(MATCHES)).matches

    for short, long in zip(history, hub, strict=True):
        assert short.match_id == long.match_id
        assert (short.status, short.status_raw) == ("finished", "finished")
        assert (short.best_of, short.maps) == (None, ())
        assert (short.winner, short.started_at, short.game) == (long.winner, long.started_at, "cs2")
        for left, right in zip(short.teams, long.teams, strict=True):
            assert (left.team_id, left.name) == (right.team_id, right.name)
            assert [member.player_id for member in left.roster] == [
                member.player_id for member in right.roster
            ]
            assert [member.skill_level for member in left.roster] == [
                member.skill_level for member in right.roster
            ]


def test_game_stats_are_a_row_for_each_map():
    played = decode_game_stats(faceit_statistics.game_stats(FIRST, [BEST_OF_THREE, MATCHES[1]])).matches

    assert [(row.match_id, row.match_round) for row in played] == [
        *((BEST_OF_THREE.match_id, number) for number in range(1, len(BEST_OF_THREE.maps) + 1)),
        (MATCHES[1].match_id, 1),
    ]
    row, told = played[-1], MATCHES[1].maps[0]
    assert row.finished_at == MATCHES[1].finished_at
    assert (row.map, row.rounds, row.team_score) == (told.name, sum(told.score), told.score[0])
    assert row.player_id == FIRST.player_id
    assert row.figures.kills == told.figures[FIRST.player_id]["Kills"]
    assert row.figures.won == (told.winner == 0)


def test_a_life_is_read_with_commas_and_without():
    body = faceit_statistics.lifetime_stats(FIRST, [CSGO])
    body["lifetime"]["Matches"] = "16,544"
    body["segments"][0]["stats"]["Kills"] = "1,234,567"

    stats = decode_lifetime_stats(body)

    assert stats.figures.matches == 16544
    assert stats.maps()[0].figures.kills == 1234567
    assert (stats.game, stats.figures.extended_matches, stats.figures.adr) == ("csgo", None, None)


def test_extended_figures_are_those_of_fewer_matches():
    stats = decode_lifetime_stats(faceit_statistics.lifetime_stats(FIRST, MATCHES)).figures

    lines = [played.maps[0].figures[FIRST.player_id] for played in MATCHES]
    assert (stats.matches, stats.extended_matches) == (4, 3)
    assert stats.damage == sum(line["Damage"] for line in lines[:-1])
    assert stats.one_v_one_count == sum(line["1v1Count"] for line in lines[:-1])


def test_form_is_told_newest_first():
    body = faceit_statistics.lifetime_stats(FIRST, MATCHES)
    body["lifetime"]["Recent Results"] = ["1", "1", "0"]

    assert decode_lifetime_stats(body).recent_form == "LWW"


def test_segments_of_other_modes_are_apart():
    body = faceit_statistics.lifetime_stats(FIRST, MATCHES)
    body["segments"] = [body["segments"][0] | {"mode": mode} for mode in ("5v5", "Wingman")]

    stats = decode_lifetime_stats(body)

    assert len(stats.segments) == 2
    assert len(stats.maps()) == len(stats.maps("wingman")) == 1


def test_bans_places_and_finds():
    (ban,) = decode_bans(faceit_bodies.bans(FIRST, AT)).bans
    places = decode_ranking(faceit_bodies.ranking(PEOPLE)).places
    found = decode_search(faceit_bodies.search(PEOPLE)).players

    assert (ban.player_id, ban.starts_at, ban.ends_at) == (FIRST.player_id, AT, AT + timedelta(days=7))
    assert [place.elo for place in places] == sorted((person.elo for person in PEOPLE), reverse=True)
    assert [place.position for place in places] == list(range(1, 11))
    assert (found[0].nickname, found[0].games[0].skill_level) == (FIRST.nickname, FIRST.level)


def test_a_webhook_tells_the_status_and_the_teams():
    told = decode_webhook(faceit_bodies.webhook(MATCH))

    assert (told.event, told.status) == ("match_status_finished", "finished")
    assert (told.match.match_id, told.match.finished_at, told.sent_at) == (MATCH.match_id, AT, AT)
    assert told.match.team1.leader_id == FIRST.player_id
    member = told.match.team2.roster[0]
    assert (member.player_id, member.skill_level) == (PEOPLE[5].player_id, PEOPLE[5].level)
    assert member.game_player_id == PEOPLE[5].steam_id


def test_a_webhook_may_be_about_something_else_than_the_status():
    body = faceit_bodies.webhook(MATCH, "match_object_created")
    body["payload"] = {"id": MATCH.match_id}

    told = decode_webhook(body)

    assert (told.status, told.match.team1, told.match.finished_at) == (None, None, None)
