"""What cannot be read is refused by the path inside the body, and what means "absent" is None."""

import json
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from examples import faceit_bodies, faceit_statistics
from faceitbot.core.errors import InvalidInput
from faceitbot.faceit import decode_any, decode_match, decode_match_stats, decode_webhook
from tests.faceit.made import BEST_OF_THREE, BODIES, FIRST, MATCH, MATCHES

STATS = faceit_statistics.match_stats(MATCH)
PLAYER = "rounds[0].teams[1].players[3]"
KILLS = f"{PLAYER}.player_stats.Kills"


def with_figure(name, value):
    body = deepcopy(STATS)
    body["rounds"][0]["teams"][1]["players"][3]["player_stats"][name] = value
    return body


def figure(name, attribute, value):
    played = decode_match_stats(with_figure(name, value)).rounds[0]
    return getattr(played.teams[1].players[3].figures, attribute)


def refused(decode, body):
    with pytest.raises(InvalidInput) as error:
        decode(body)
    return error.value.context["field"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("19", 19),
        (19, 19),
        (19.0, 19),
        ("19.0", 19),
        ("1,544", 1544),
        ("16,544", 16544),
        ("0", 0),
        ("007", 7),
    ],
)
def test_a_count_is_read_however_it_is_written(written, read):
    assert figure("Kills", "kills", written) == read


@pytest.mark.parametrize(
    "wrong",
    [
        *("x", "1,54", ",544", "1.5", 1.5, "-1", -1, "1e3", "0x10", " 7", "٣", "9" * 40, 100_001),
        *(True, False, [], {}, ["19"], {"value": 19}, "NaN", float("nan"), float("inf"), 10**400, -(10**400)),
        *("\x00", "\ud800", b"19", Decimal(19)),
    ],
)
def test_what_is_no_count_is_refused_by_its_path(wrong):
    assert refused(decode_match_stats, with_figure("Kills", wrong)) == KILLS


@pytest.mark.parametrize("absent", [None, ""])
def test_an_absent_figure_is_none_and_not_nought(absent):
    assert figure("Kills", "kills", absent) is None
    assert figure("ADR", "adr", absent) is None
    assert figure("Result", "won", absent) is None
    assert figure("ADR", "adr", "0") == 0


@pytest.mark.parametrize("wrong", ["101", "-0.1", "1e9", float("nan"), True, "1,0"])
def test_a_share_is_no_more_than_all(wrong):
    path = f"{PLAYER}.player_stats.Headshots %"

    assert refused(decode_match_stats, with_figure("Headshots %", wrong)) == path


@pytest.mark.parametrize(
    ("written", "read"), [("1", True), ("0", False), (1, True), (0, False), (True, True)]
)
def test_a_flag_is_read_however_it_is_written(written, read):
    assert figure("Result", "won", written) is read


@pytest.mark.parametrize("wrong", ["2", 2, -1, "yes", 1.0, [], [1]])
def test_what_is_no_flag_is_refused(wrong):
    assert refused(decode_match_stats, with_figure("Result", wrong)) == f"{PLAYER}.player_stats.Result"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda body: body.pop("match_id"), "match_id"),
        (lambda body: body.update(match_id="x" * 65), "match_id"),
        (lambda body: body.update(match_id=7), "match_id"),
        (lambda body: body.update(match_id="1-\u202e7"), "match_id"),
        (lambda body: body.update(status="x" * 65), "status"),
        (lambda body: body.update(teams=[]), "teams"),
        (lambda body: body.update(teams={}), "teams.faction1"),
        (lambda body: body["teams"].update(faction2=None), "teams.faction2"),
        (lambda body: body["teams"]["faction2"].update(roster={}), "teams.faction2.roster"),
        (lambda body: body["teams"]["faction2"]["roster"].append(None), "teams.faction2.roster[5]"),
        (
            lambda body: body["teams"]["faction1"]["roster"][2].update(nickname="x" * 65),
            "teams.faction1.roster[2].nickname",
        ),
        (
            lambda body: body["teams"]["faction1"]["roster"][2].update(game_skill_level=11),
            "teams.faction1.roster[2].game_skill_level",
        ),
        (
            lambda body: body["teams"]["faction2"]["roster"].append(body["teams"]["faction1"]["roster"][0]),
            "teams.faction2.roster[5].player_id",
        ),
        (lambda body: body.update(results=[]), "results"),
        (lambda body: body["results"].update(winner=3), "results.winner"),
        (lambda body: body["results"].update(winner="\ud800"), "results.winner"),
        (lambda body: body["results"]["score"].update(faction1=-1), "results.score.faction1"),
        (lambda body: body.update(finished_at=1773703361000), "finished_at"),
        (lambda body: body.update(finished_at=-5), "finished_at"),
        (lambda body: body.update(finished_at="2026-03-16T23:22:41Z"), "finished_at"),
        (lambda body: body.update(faceit_url="javascript:alert(1)"), "faceit_url"),
        (lambda body: body["voting"]["map"].update(pick="de_mirage"), "voting.map.pick"),
        (lambda body: body["voting"]["map"]["pick"].append(""), "voting.map.pick[1]"),
        (lambda body: body["voting"]["map"]["entities"].extend([{}] * 1000), "voting.map.entities"),
    ],
)
def test_a_match_is_refused_by_the_path(change, path):
    body = deepcopy(faceit_bodies.match(MATCH))
    change(body)

    assert refused(decode_match, body) == path


@pytest.mark.parametrize("word", ["draw", "none", "faction3"])
def test_a_match_that_neither_side_won_has_no_winner(word):
    body = deepcopy(faceit_bodies.match(MATCH))
    body["results"]["winner"] = word

    assert decode_match(body).winner is None


@pytest.mark.parametrize("absent", [0, "0", "", None])
def test_a_time_that_did_not_come_is_none(absent):
    assert decode_match(faceit_bodies.match(MATCH) | {"started_at": absent}).started_at is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-03-15T23:18:58.03Z", datetime(2026, 3, 15, 23, 18, 58, 30000, UTC)),
        ("2026-03-16T02:18:58+03:00", datetime(2026, 3, 15, 23, 18, 58, tzinfo=UTC)),
        (1773703361, datetime(2026, 3, 16, 23, 22, 41, tzinfo=UTC)),
        ("1773703361", datetime(2026, 3, 16, 23, 22, 41, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_in_both_forms(written, read):
    assert decode_webhook(faceit_bodies.webhook(MATCH) | {"timestamp": written}).sent_at == read


@pytest.mark.parametrize(
    "wrong",
    ["yesterday", "2026-03-15T23:18:58", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "\ud800", True],
)
def test_a_moment_without_a_zone_or_out_of_the_calendar_is_refused(wrong):
    body = faceit_bodies.webhook(MATCH) | {"timestamp": wrong}

    assert refused(decode_webhook, body) == "timestamp"


def test_two_of_the_same_are_refused_by_the_later_one():
    stats, of_three = deepcopy(STATS), faceit_statistics.match_stats(BEST_OF_THREE)
    players = stats["rounds"][0]["teams"][1]["players"]
    players[4] = players[2]
    of_three["rounds"][1]["match_round"] = "1"
    row = faceit_statistics.game_stats(FIRST, MATCHES)["items"][0]

    assert refused(decode_any, stats) == "rounds[0].teams[1].players[4].player_id"
    assert refused(decode_any, of_three) == "rounds[1].match_round"
    assert refused(decode_any, {"items": [row, row]}) == "items[1].stats.Match Id"


@pytest.mark.parametrize(
    ("body", "teams", "roster", "team_id", "player_id"),
    [
        (faceit_bodies.match(MATCH), "teams.", "roster", "faction_id", "player_id"),
        (faceit_bodies.hub_matches([MATCH]), "items[0].teams.", "roster", "faction_id", "player_id"),
        (faceit_bodies.history([MATCH]), "items[0].teams.", "players", "team_id", "player_id"),
        (faceit_bodies.webhook(MATCH), "payload.teams", "roster", "id", "id"),
    ],
    ids=["match", "hub", "history", "webhook"],
)
def test_a_place_goes_by_the_name_that_the_body_has_for_it(body, teams, roster, team_id, player_id):
    body = deepcopy(body)
    side = "[1]" if "payload" in body else "faction2"
    match = body.get("payload") or body.get("items", [body])[0]
    team = match["teams"][1 if "payload" in body else side]

    def names(change):
        kept = deepcopy(team)
        change()
        field = refused(decode_any, body)
        team.clear()
        team.update(kept)
        return field

    path = f"{teams}{side}"
    assert names(lambda: team.pop(team_id)) == f"{path}.{team_id}"
    assert names(lambda: team.update({team_id: 7})) == f"{path}.{team_id}"
    assert names(lambda: team[roster][3].pop(player_id)) == f"{path}.{roster}[3].{player_id}"
    if "payload" not in body:  # what hangs on a webhook is not its roster
        twice = f"{path}.{roster}[5].{player_id}"
        assert names(lambda: team[roster].append(team[roster][0])) == twice


def test_statistics_of_two_matches_are_not_those_of_one():
    body = faceit_statistics.match_stats(BEST_OF_THREE)
    body["rounds"][1]["match_id"] = "1-other"

    assert refused(decode_match_stats, body) == "rounds[1].match_id"


@pytest.mark.parametrize(
    ("rounds", "path"), [([], "rounds"), ([STATS["rounds"][0] | {"teams": []}], "rounds[0].teams")]
)
def test_statistics_have_maps_and_two_teams(rounds, path):
    assert refused(decode_match_stats, {"rounds": rounds}) == path


# ---- No body at all


@pytest.mark.parametrize(
    "wrong",
    [
        *(b"", b"{", b"[]", b"7", b"null", b'"text"', b"{'a': 1}", b'{"a": NaN}', b'{"a": -Infinity}'),
        *(
            b'{"match_id": 1, "match_id": 2}',
            b'{"a": {"b": 1, "b": 1}}',
            b"\xff\xfe{\x00}\x00",
            b"\xef\xbb\xbf{}",
        ),
        *(
            b'{"a": "\xe9"}',
            b'{"a": "\n"}',
            b'{"a": ' + b"9" * 5000 + b"}",
            b"[" * 100_000,
            b'{"a":' * 50_000,
        ),
        *(b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}", b" " * (8 * 1024 * 1024) + b"{}"),
        *(None, 7, [], bytearray(b"{}")),
    ],
    ids=lambda wrong: repr(wrong)[:24],
)
def test_what_is_no_body_is_refused_as_a_whole(wrong):
    assert refused(decode_any, wrong) == "body"


def test_a_mapping_that_holds_itself_is_refused():
    body = dict(faceit_bodies.match(MATCH))
    body["voting"] = body["again"] = body

    assert refused(decode_match, body) == "body"


@pytest.mark.parametrize(
    "unknown", [{}, {"items": [7]}, {"items": {}}, {"errors": [{"message": "not found"}]}]
)
def test_a_body_that_nobody_knows_is_refused(unknown):
    assert refused(decode_any, json.dumps(unknown)) == "body"


@pytest.mark.parametrize(
    ("kind", "body"), [(kind, body) for kind, body in BODIES if FIRST.nickname in json.dumps(body)]
)
def test_what_is_refused_is_not_repeated(kind, body):
    """The message goes to logs, and to the terminal of whoever imports."""
    hostile = json.dumps("\x1b[2J<script>\x00")

    with pytest.raises(InvalidInput) as error:
        decode_any(json.dumps(body).replace(f'"{FIRST.nickname}"', hostile))

    assert "script" not in str(error.value)
    assert error.value.context["field"] in str(error.value)
