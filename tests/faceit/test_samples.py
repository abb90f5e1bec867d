"""Real bodies of FACEIT, where they are at hand."""

import json
import os
from pathlib import Path

import pytest

from faceitbot.faceit import Kind, decode_any, decode_hub_matches, decode_lifetime_stats, decode_match_stats

FOLDER = os.environ.get("FACEITBOT_SAMPLES")
pytestmark = pytest.mark.skipif(
    FOLDER is None, reason="FACEITBOT_SAMPLES names no folder with bodies of FACEIT"
)

KINDS = {
    "hub_matches.json": Kind.HUB_MATCHES,
    "match.json": Kind.MATCH,
    "match_stats.json": Kind.MATCH_STATS,
    "player.json": Kind.PLAYER,
    "player_bans.json": Kind.BANS,
    "player_game_stats.json": Kind.GAME_STATS,
    "player_history.json": Kind.HISTORY,
    "player_lifetime_stats.json": Kind.LIFETIME_STATS,
    "ranking.json": Kind.RANKING,
    "search_players.json": Kind.SEARCH,
}
# Attribute -> name in the body, written down a second time.
NAMES = {
    "won": "Result",
    "kills": "Kills",
    "deaths": "Deaths",
    "assists": "Assists",
    "mvps": "MVPs",
    "headshots": "Headshots",
    "headshots_percent": "Headshots %",
    "kd_ratio": "K/D Ratio",
    "kr_ratio": "K/R Ratio",
    "adr": "ADR",
    "damage": "Damage",
    "double_kills": "Double Kills",
    "triple_kills": "Triple Kills",
    "quadro_kills": "Quadro Kills",
    "penta_kills": "Penta Kills",
    "first_kills": "First Kills",
    "entry_count": "Entry Count",
    "entry_wins": "Entry Wins",
    "clutch_kills": "Clutch Kills",
    "one_v_one_count": "1v1Count",
    "one_v_one_wins": "1v1Wins",
    "one_v_two_count": "1v2Count",
    "one_v_two_wins": "1v2Wins",
    "flash_count": "Flash Count",
    "flash_successes": "Flash Successes",
    "enemies_flashed": "Enemies Flashed",
    "utility_count": "Utility Count",
    "utility_successes": "Utility Successes",
    "utility_enemies": "Utility Enemies",
    "utility_damage": "Utility Damage",
    "sniper_kills": "Sniper Kills",
    "pistol_kills": "Pistol Kills",
    "knife_kills": "Knife Kills",
    "zeus_kills": "Zeus Kills",
}


def sample(name):
    return (Path(FOLDER or "") / "faceit" / name).read_bytes()


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_every_body_is_known_and_decoded(name, kind):
    assert decode_any(sample(name))[0] == kind


def test_no_body_is_left_out():
    assert {path.name for path in (Path(FOLDER or "") / "faceit").glob("*.json")} == set(KINDS)


def test_ten_players_have_every_figure_of_the_body():
    raw = json.loads(sample("match_stats.json"))["rounds"][0]
    (played,) = decode_match_stats(sample("match_stats.json")).rounds

    told = {player["player_id"]: player for team in raw["teams"] for player in team["players"]}
    read = {player.player_id: player for team in played.teams for player in team.players}

    assert len(read) == 10
    assert set(read) == set(told)
    assert played.map == raw["round_stats"]["Map"]
    for player_id, player in read.items():
        figures, stats = player.figures, told[player_id]["player_stats"]
        assert {name: getattr(figures, name) for name in figures.__struct_fields__} == {
            name: float(stats[in_body]) for name, in_body in NAMES.items()
        }
        assert player.nickname == told[player_id]["nickname"]


def test_of_a_life_no_sum_is_taken_for_a_mean():
    stats = decode_lifetime_stats(sample("player_lifetime_stats.json"))

    assert stats.figures.average_kd == 0.95
    assert stats.figures.matches == 2423
    assert stats.figures.extended_matches == 795
    assert stats.recent_form == "LWWWW"
    assert {part.map for part in stats.maps()} >= {"de_inferno", "de_dust2", "de_mills"}
    inferno = next(part for part in stats.maps() if part.map == "de_inferno").figures
    assert (inferno.kills, inferno.deaths, inferno.average_kd) == (2866, 2961, 1.02)


def test_maps_of_the_workshop_have_their_names():
    picked = {match.map for match in decode_hub_matches(sample("hub_matches.json")).matches}

    assert picked == {None, "de_fjords", "de_bridge", "de_flick", "de_pango", "cs_matinee", "de_boulder"}
