"""Saved bodies of FACEIT by a command: each file is stored whole or refused, and again changes nothing."""

import json
import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from examples import faceit_bodies, faceit_statistics
from examples.faceit_play import invent_people
from matches.models import MatchAnalysis, MatchCache
from matches.repositories import MatchRepository
from stats.models import PlayerMapStats, PlayerMatch, PlayerStatsCache, PlayerStatsPoint, Prediction
from stats.repositories import StatsRepository
from tests.faceitbot.analysis.playing import NOW, season
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
STORED = [
    *("game_stats", "history", "hub_matches", "lifetime_stats"),
    *("match", "match_stats", "player", "webhook"),
]
TABLES = (
    *(MatchAnalysis, MatchCache, PlayerMapStats, PlayerMatch, PlayerStatsCache, PlayerStatsPoint),
    Prediction,
)
SAMPLES = os.environ.get("FACEITBOT_SAMPLES")


@pytest.fixture
def played():
    return season(past=2)


@pytest.fixture
def folder(tmp_path, played):
    """One saved body of each kind."""
    people = [person for side in played.coming.sides for person in side.people]
    bodies = {
        "a_statistics": faceit_statistics.match_stats(played.past[0]),  # first by name, last to be stored
        "match": faceit_bodies.match(played.past[0]),
        "player": faceit_bodies.player(people[0]),
        "history": faceit_bodies.history(played.past),
        "hub/matches": faceit_bodies.hub_matches(played.past),
        "games": faceit_statistics.game_stats(people[0], played.past),
        "lifetime": faceit_statistics.lifetime_stats(people[0], played.past),
        "webhook": faceit_bodies.webhook(played.past[1]),
        "search": faceit_bodies.search(people),
        "ranking": faceit_bodies.ranking(people),
        "bans": faceit_bodies.bans(people[0], NOW),
        "no_bans": {"items": [], "start": 0, "end": 0},
    }
    for name, body in bodies.items():
        path = tmp_path / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(body), encoding="utf-8")
    return tmp_path


def run(*paths, **options):
    """Give the exit code."""
    try:
        call_command("import_faceit", *map(str, paths), **options)
    except SystemExit as ended:
        return ended.code
    return 0


def everything():
    rows = {}
    for model in TABLES:
        skipped = {"updated_at", "expires_at", "recorded_at", "named_at"}  # when it was written
        rows[model] = [
            {name: value for name, value in row.items() if name not in skipped}
            for row in model.objects.order_by("pk").values()
        ]
    return rows


def test_a_folder_is_stored_kind_by_kind(folder, played, capsys):
    assert run(folder) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[-3:] == [
        "stored: " + ", ".join(f"1 {kind}" for kind in STORED),
        "read, nothing of it is kept: 1 bans, 1 empty, 1 ranking, 1 search",
        "12 files, 0 of them refused.",
    ]
    ids = {match.match_id for match in played.past}
    assert set(MatchCache.objects.values_list("match_id", flat=True)) == ids
    of_first = PlayerMatch.objects.filter(match_id=played.past[0].match_id)
    assert of_first.count() == 10
    assert PlayerStatsCache.objects.count() == 10
    # The match was stored before its statistics, which do not say when it ended.
    assert {row.finished_at for row in of_first} == {played.past[0].finished_at.replace(microsecond=0)}


def test_a_second_import_doubles_nothing(folder, played):
    user = UserRepository().create_user.blocking(7)
    match_id = played.past[0].match_id
    MatchRepository().create_analysis.blocking(user.pk, match_id, {})
    StatsRepository().record_prediction.blocking(match_id, 0.6)
    run(folder)
    before = everything()
    assert all(before.values())

    assert run(folder) == 0

    assert everything() == before


@pytest.mark.parametrize("first", ["match", "a_statistics"])
def test_statistics_learn_when_they_were_played_whatever_comes_first(folder, played, first):
    run(folder / f"{first}.json")
    MatchCache.objects.update(expires_at=NOW)  # it is no good any more, but tells the time still

    run(*(folder / f"{name}.json" for name in ("match", "a_statistics") if name != first))

    ended = played.past[0].finished_at.replace(microsecond=0)
    assert set(PlayerMatch.objects.values_list("finished_at", "played_at")) == {(ended, ended)}


def test_a_history_tells_statistics_when_they_were_played(folder, played):
    run(folder / "history.json", folder / "a_statistics.json")

    ended = played.past[0].finished_at.replace(microsecond=0)
    assert set(PlayerMatch.objects.values_list("finished_at", flat=True)) == {ended}


def test_statuses_reach_the_analyses_of_users(folder, played):
    user = UserRepository().create_user.blocking(7)
    MatchRepository().create_analysis.blocking(user.pk, played.past[1].match_id, {})

    run(folder / "webhook.json")

    assert MatchAnalysis.objects.get().status == "finished"


def test_a_file_that_cannot_be_read_is_refused_with_its_reason_and_leaves_nothing(folder, played, capsys):
    hub = json.loads((folder / "hub/matches.json").read_text())
    del hub["items"][1]["teams"]["faction2"]["roster"][3]["player_id"]
    refused = {
        "bad_hub.json": (json.dumps(hub), "items[1].teams.faction2.roster[3].player_id"),
        "cut.json": (json.dumps(hub)[:200], "not JSON"),
        "other.json": ('{"users": []}', "none of those that FACEIT sends"),
    }
    (folder / "only").mkdir()
    for name, (text, _why) in refused.items():
        (folder / "only" / name).write_text(text)

    assert run(folder / "only") == 1

    out = capsys.readouterr().out
    for name, (_text, why) in refused.items():
        (line,) = [line for line in out.splitlines() if name in line]
        assert line.startswith("refused: ")
        assert why in line
    assert out.splitlines()[-1] == "3 files, 3 of them refused."
    assert MatchCache.objects.count() == 0  # the first match of the hub could be read


def test_a_dry_run_says_the_same_and_stores_nothing(folder, capsys):
    assert run(folder, dry_run=True) == 0

    assert "12 files, 0 of them refused." in capsys.readouterr().out
    assert not any(everything().values())


def test_a_path_that_is_not_there_is_refused_as_a_whole(folder):
    with pytest.raises(CommandError, match=r"missing\.json: No such file or directory") as refused:
        run(folder, folder / "missing.json")

    assert refused.value.returncode == 2
    assert not any(everything().values())


def test_a_byte_order_mark_is_read_over(tmp_path):
    person = invent_people(1)[0]
    path = tmp_path / "player.json"
    path.write_text(json.dumps(faceit_bodies.player(person)), encoding="utf-8-sig")

    assert run(path) == 0
    assert PlayerStatsCache.objects.get().nickname == person.nickname


@pytest.mark.skipif(SAMPLES is None, reason="FACEITBOT_SAMPLES names no folder of recorded bodies")
def test_recorded_bodies_are_stored(capsys):
    assert run(Path(SAMPLES) / "faceit") == 0

    assert "0 of them refused." in capsys.readouterr().out
    body = json.loads((Path(SAMPLES) / "faceit" / "match_stats.json").read_text())
    players = [player for team in body["rounds"][0]["teams"] for player in team["players"]]
    rows = {row.player_id: row for row in PlayerMatch.objects.filter(match_id=body["rounds"][0]["match_id"])}
    assert len(rows) == 10
    for player in players:
        row, told = rows[player["player_id"]], player["player_stats"]
        assert (row.kills, row.deaths, row.map_name) == (
            int(told["Kills"]),
            int(told["Deaths"]),
            "de_inferno",
        )
        assert row.adr == pytest.approx(float(told["ADR"]))

    before = everything()
    assert run(Path(SAMPLES) / "faceit") == 0
    assert everything() == before
