"""The page of an analysis: readable for what we build, whole for whatever else a bot has stored."""

import json
from html import unescape
from urllib.parse import quote

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from faceitbot.analysis import build_analysis
from matches.admin.analysis_page import analysis_context, chance
from matches.admin.analysis_shapes import not_shown
from matches.admin.body_summary import summary_of
from matches.admin.figures import because, points, rating, thresholds
from matches.admin.map_rows import maps
from matches.admin.reading_json import left_over
from matches.admin.rosters import team
from matches.models import MatchAnalysis
from matches.repositories import MatchRepository
from tests.faceitbot.analysis.playing import NOW, record_match, record_past, record_players, season
from tests.factories import MatchAnalysisFactory, MatchCacheFactory, StaffFactory, UserFactory
from tests.matches.made import match_body
from users.models import User

PLAYER = {
    "player_id": "p1",
    "nickname": "ace",
    "skill_level": 9,
    "elo": 2100,
    "rating": 1.31,
    "rating_version": "1.0-estimated",
    "winrate": 62.5,
    "kd": 1.3,
    "adr": 88.44,
    "recent_form": "WWLWW",
    "danger_level": 5,
    "role": "entry",
}
DANGEROUS = {
    "kind": "dangerous_player",
    "player_id": "p1",
    "nickname": "ace",
    "map": None,
    "because": {"rating": 1.31, "rating_version": "1.0-estimated", "danger_level": 5, "danger_level_from": 4},
}
DEEP = {"a": [{"b": [{"c": [["leaf-deep", {"d": None}]]}]}]}
ODD = [
    None,
    [],
    {},
    "leaf-text",
    ["leaf-first", 7, None, True, ["leaf-inner"]],
    [{"leaf-key": {"x": "leaf-x"}}, {"nickname": ["leaf-nick"]}],
    {"leaf-key": 10**30, "when": "0001-01-01T00:00:00+05:00", "more": DEEP},
    {f"key-{n}": "leaf-many" for n in range(200)},
]
KEYS = {
    "team1_analysis": ("name", "averages", "maps", "players", "dangerous_players", "weak_targets"),
    "prediction": ("team1_probability", "favourite", "confidence", "reason", "inputs"),
    "details": ("match_info", "maps", "recommendations", "unknown_players", "of_another_bot"),
}
INNER = {
    "averages": ("elo", "rating"),
    "maps": ("de_nuke",),
    "inputs": ("team1", "elo_difference"),
    "match_info": ("maps", "score", "winner"),
    "recommendations": ("team1",),
}


@pytest.fixture
def page(client):
    client.force_login(StaffFactory.create(username="boss"))
    return client


def read(page, row):
    answer = page.get(reverse(f"admin:matches_{row._meta.model_name}_change", args=[row.pk]))
    assert answer.status_code == 200
    return unescape(answer.text)


def leaves(value):
    """Give the texts that the page must not swallow."""
    return set(filter(lambda text: text.startswith("leaf"), json.dumps(value).split('"')))


@pytest.mark.django_db
def test_what_we_build_is_shown_whole_in_cards_and_tables(page):
    found = season()
    record_past(found)
    record_players(found)
    record_match(found.coming)
    match_id, user = found.coming.match_id, UserFactory.create()
    built = build_analysis.blocking(match_id, now=NOW)
    MatchRepository().create_analysis.blocking(user.pk, match_id, built, 120, now=NOW)
    row = MatchAnalysis.objects.get()

    text = read(page, row)

    assert not_shown(row) == {}
    assert 'class="folded' not in text
    for side in ("team1_analysis", "team2_analysis"):
        for player in built[side]["players"]:
            assert f"?q={quote(player['player_id'])}" in text
    assert reverse("admin:users_user_change", args=[user.pk]) in text
    assert all(each in text for each in built["maps"])
    assert "{" not in text.partition('class="verdict"')[2].partition("<fieldset")[0]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("part", KEYS)
def test_whatever_a_bot_stores_is_on_the_page(part, odd):
    bodies = [odd, *({key: odd} for key in KEYS[part])]
    bodies += [{key: {name: odd}} for key, names in INNER.items() if key in KEYS[part] for name in names]
    bodies += [{"players": [{"nickname": "ace", "kd": odd}, {"nickname": odd}], "averages": {"elo": odd}}]
    bodies += [{key: {"team1": [{"because": {"x": odd}}, {"kind": odd, "map": odd}]} for key in KEYS[part]}]

    for body in bodies:
        row = MatchAnalysis(user=User(telegram_id=7), match_id="1-x", **{part: body})
        text = render_to_string("admin/matches/analysis.html", analysis_context(row, SafeString("ready")))
        assert [leaf for leaf in leaves(body) if leaf not in text.lower()] == []


def test_a_player_has_his_figures_his_marks_and_his_card():
    told = {"players": [PLAYER], "dangerous_players": [DANGEROUS], "averages": {"elo": {"average_elo": 1.6}}}

    found = team(told, ["p1"])

    (player,) = found["players"]
    assert [value for _label, value in player["cells"]] == [
        *("9", "2\u202f100", "~1.31", "1.30", "88.4", "62.5\u00a0%", "5"),
    ]
    assert [mark["text"] for mark in player["marks"]] == ["dangerous", "nothing is known"]
    assert (player["role"], player["form"]) == ("goes first", "W W L W W")
    assert player["page"].endswith("?q=p1")
    assert found["averages"][1][1] == "2"


@pytest.mark.parametrize(
    ("prediction", "shown"),
    [
        ({"team1_probability": 0.536}, {"team1": "54", "team2": "46"}),
        ({"team1_probability": 0}, {"team1": "0", "team2": "100"}),
        ({"team2_probability": 0.25}, {"team1": "75", "team2": "25"}),
        ({"team1_probability": 64}, None),
        ({"team1_probability": True}, None),
        ({"team1_probability": "0.5"}, None),
        ({}, None),
    ],
)
def test_chances_add_up_to_a_hundred(prediction, shown):
    assert chance(prediction) == shown


@pytest.mark.django_db
def test_a_prediction_that_could_not_be_made_says_why(page):
    row = MatchAnalysisFactory.create(
        prediction={"team1_probability": None, "reason": "too_few_known_elos", "favourite": None}
    )

    text = read(page, row)

    assert "the ELO of too few players is known" in text
    assert 'class="chance"' not in text


def test_maps_stand_by_their_difference_with_those_of_one_team_last():
    compared = {
        "de_nuke": {"team1_winrate": 50, "team1_matches": 10, "difference": -3.0, "standard_error": 9.5},
        "de_dust2": {"team1_winrate": 61.5, "difference": 12},
    }

    found = maps({"maps": {"de_train": {"winrate": 40, "matches": 3}}}, None, compared)

    assert [each["name"] for each in found] == ["de_dust2", "de_nuke", "de_train"]
    assert [each["difference"] for each in found] == ["+12.0", "−3.0", "—"]
    assert found[2]["sides"][0] == {"winrate": "40.0\u00a0%", "matches": "3", "more": ""}


def test_the_numbers_of_advice_are_in_words_and_apart_from_the_thresholds():
    assert because(DANGEROUS["because"]) == "Rating: ~1.31 · Danger level: 5"
    assert thresholds(DANGEROUS["because"]) == "Danger level from: 4"
    assert because({"sniper_percent": 59.7, "signs": ["kd", "recent_form"], "winrate": 40}) == (
        "Sniper kills, %: 59.7 · Signs: K/D, recent form · Win rate: 40.0\u00a0%"
    )
    assert because({"length_at_least": 7, "length_from": 5}) == "Length at least: 7"


def test_figures_of_another_kind_are_texts():
    assert rating("good", "1.0-estimated") == "good"
    assert rating(None, None) == rating({}, []) == points(True) == points([]) == "—"
    assert points(0) == "0.0"


def test_what_is_left_over_keeps_the_name_of_its_row():
    shape = {"players": [{"nickname": lambda _value: True}]}

    assert left_over({"players": [{"nickname": "ace", "kast": 71}, {"nickname": "bob"}]}, shape) == {
        "players": [{"nickname": "ace", "kast": 71}]
    }
    assert left_over({"players": []}, shape) is None
    assert left_over({"players": "nobody"}, shape) == {"players": "nobody"}


def test_a_stored_body_is_summed_up():
    assert summary_of(match_body()) == ("team_1 : team_2", "13 : 10", "finished", "de_nuke")
    assert summary_of({"status": "CHECK_IN", "teams": {"faction2": {"name": "B"}}}) == (
        *("— : B", "—", "CHECK_IN", "—"),
    )
    for odd in ODD:
        assert len(summary_of(odd)) == len(summary_of({"teams": odd, "voting": {"map": odd}})) == 4
    assert summary_of({"voting": {"map": {"pick": ["a", 7, None], "entities": ODD}}}).maps == "a, 7"


@pytest.mark.django_db
def test_the_body_itself_is_folded(page):
    text = read(page, MatchCacheFactory.create(match_data=match_body(), match_stats=None))

    before, _summary, folded = text.partition('<details class="folded">')
    assert "team_1 : team_2" in before
    assert "player11" not in before
    assert "player11" in folded.partition("</details>")[0]
