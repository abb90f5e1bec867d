"""What staff see of players."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from faceitbot.core import clock
from stats.admin.player_page import player_context
from stats.repositories import StatsRepository
from tests.factories import (
    CardFactory,
    PlayerMatchFactory,
    PointFactory,
    PredictionFactory,
    StaffFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

stats = StatsRepository()


@pytest.fixture
def page(client: Client):
    client.force_login(StaffFactory.create(username="boss"))
    return client


def listed(page, model, **query):
    rows = page.get(reverse(f"admin:stats_{model}_changelist"), query).context["cl"].result_list
    return [getattr(row, "nickname", None) or getattr(row, "player_id", None) or row.match_id for row in rows]


def player_page(page, card):
    return page.get(reverse("admin:stats_playerstatscache_change", args=[card.pk]))


@pytest.fixture
def card():
    """A player who has improved for three days, on two maps."""
    user = UserFactory.create(telegram_id=77, faceit_player_id="p")
    for days in (3, 2, 1):
        card = stats.cache_player_stats.blocking(
            "p",
            "S1mple Jr",
            {
                "skill_level": 10,
                "faceit_elo": 2500 - days,
                "hltv_rating": 1.3 - days / 10,
                "rating_version": "1.0-estimated",
                "recent_form": "WWL",
                "danger_level": 4,
                "player_role": "sniper",
                "clutch_stats": {"1v1_count": 10, "1v1_wins": 7, "1v1_rate": 70.0},
                "map_performance": {
                    "de_nuke": {"matches": 3, "winrate": 66.67, "avg_rating": 1.21},
                    "de_mirage": {"matches": 12, "winrate": 50.0},
                },
            },
            now=clock.now() - timedelta(days=days),
        )
    assert card.user_id == user.pk
    PlayerMatchFactory.create(player_id="p", map_name="de_ancient", kills=31, deaths=9, assists=4)
    return card


def test_the_page_of_a_player_says_all_that_is_known(page, card):
    answer = player_page(page, card)

    assert [row["name"] for row in answer.context["maps"]] == ["de_mirage", "de_nuke"]
    assert all(answer.context["charts"][n][1] for n in (0, 1))  # rating and ELO; the win rate is unknown
    assert answer.context["charts"][2][1] == ""
    text = re.sub("[ \n]+", " ", answer.text)
    for shown in (
        "2\u202f499",
        "1.20, estimated",
        "W W L",
        "7 of 10",
        "66.7\xa0%",
        "31 / 9 / 4",
        "de_ancient",
        "sniper",
    ):
        assert shown in text, shown
    assert 'href="https://www.faceit.com/en/players/S1mple%20Jr"' in text
    assert reverse("admin:users_user_change", args=[card.user_id]) in text


def test_a_player_of_whom_nothing_is_known_has_a_page_that_says_so(page):
    bare = stats.cache_player_stats.blocking("q", "Nobody", {})

    answer = player_page(page, bare)

    assert "none of his matches has been recorded" in answer.text
    assert [data for _title, data in answer.context["charts"]] == ["", "", ""]


def test_a_name_that_is_markup_stays_text(page):
    evil = CardFactory.create(nickname="<script>alert(1)</script>")

    for answer in (player_page(page, evil), page.get(reverse("admin:stats_playerstatscache_changelist"))):
        assert "<script>alert(1)" not in answer.text
        assert "&lt;script&gt;alert(1)" in answer.text


def test_players_are_listed_by_rating_and_found_by_name_or_id(page):
    for name, rating, level in (("Ann", 1.2, 8), ("Bob", None, 9), ("Cid", 1.4, 8)):
        CardFactory.create(nickname=name, player_id=f"id-{name}", hltv_rating=rating, skill_level=level)

    assert listed(page, "playerstatscache") == ["Cid", "Ann", "Bob"]
    assert listed(page, "playerstatscache", q="ann") == ["Ann"]
    assert listed(page, "playerstatscache", q="id-Bob") == ["Bob"]
    assert listed(page, "playerstatscache", level="8") == ["Cid", "Ann"]
    assert listed(page, "playerstatscache", danger="5") == []
    assert listed(page, "playerstatscache", o="-2")[0] == "Bob"


def test_matches_points_and_predictions_are_found_by_ids(page):
    match = PlayerMatchFactory.create(nickname="Ann", match_id="1-m")
    PlayerMatchFactory.create()
    point = PointFactory.create(player_id="id-Ann")
    PointFactory.create()
    CardFactory.create(nickname="Ann", player_id="id-Ann")
    now = clock.now()
    PredictionFactory.create(match_id="1-m", winner="team1", ended_at=now, settled_at=now)
    PredictionFactory.create()

    assert listed(page, "playermatch", q="1-m") == listed(page, "playermatch", q="ANN") == ["Ann"]
    assert listed(page, "playermatch", q=match.player_id) == ["Ann"]
    assert listed(page, "playerstatspoint", q="ann") == [point.player_id]
    assert listed(page, "prediction", q="1-m") == listed(page, "prediction", state="scored") == ["1-m"]


def test_nobody_changes_what_faceit_says(page, card):
    url = reverse("admin:stats_playerstatscache_change", args=[card.pk])

    assert page.post(url, {"nickname": "Mine"}).status_code == 403
    assert page.post(reverse("admin:stats_playerstatscache_delete", args=[card.pk])).status_code == 403
    card.refresh_from_db()
    assert card.nickname == "S1mple Jr"


@pytest.mark.parametrize(
    ("role", "shown"), [("support", "supports"), ("coach <b>", "coach <b>"), (None, "—")]
)
def test_a_role_is_said_in_words(role, shown):
    facts = dict(player_context(CardFactory.create(player_role=role))["facts"])["Play"]

    assert dict(facts)["Role"] == shown
