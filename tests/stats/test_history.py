"""The history of figures: a point for each change, and trends over it."""

from datetime import timedelta

import numpy
import pytest
from django.db import IntegrityError, connection, transaction

from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput
from stats.models import PlayerStatsPoint
from stats.repositories import StatsRepository
from tests.factories import PointFactory

pytestmark = pytest.mark.django_db

stats = StatsRepository()
NOW = clock.now()


def tell(figures, days_ago=0.0, player="p", **options):
    return stats.cache_player_stats.blocking(
        player, "Nick", figures, now=NOW - timedelta(days=days_ago), **options
    )


def points(player="p"):
    rows = PlayerStatsPoint.objects.filter(player_id=player).order_by("id")
    return list(rows.values_list("faceit_elo", "hltv_rating"))


def test_a_point_is_written_when_a_tracked_figure_has_changed():
    tell({"faceit_elo": 1500, "hltv_rating": 1.0}, 5)
    tell({"faceit_elo": 1500, "hltv_rating": 1.0, "country": "de", "danger_level": 2}, 4)
    tell({}, 3)
    tell({"faceit_elo": 1525}, 2)
    tell({"faceit_elo": 1500}, 1)

    assert points() == [(1500, 1.0), (1525, 1.0), (1500, 1.0)]
    rows = PlayerStatsPoint.objects.order_by("at")
    assert [NOW - row.at for row in rows] == [timedelta(days=n) for n in (5, 2, 1)]


def test_a_card_that_is_made_anew_does_not_make_known_figures_unknown():
    tell({"faceit_elo": 1500, "hltv_rating": 0.7}, 5)
    assert stats.cleanup_expired_stats.blocking() == 1

    tell({"hltv_rating": 0.7}, 4)
    tell({"hltv_rating": 0.8}, 3)

    assert points() == [(1500, 0.7), (1500, 0.8)]


def test_a_card_that_tells_no_tracked_figure_has_no_point():
    tell({"country": "de", "recent_form": "WL"})

    assert points() == []


def test_many_cards_tell_each_its_own_change():
    players = [{"player_id": f"p{n}", "nickname": "Nick", "faceit_elo": 1500 + n} for n in range(3)]
    stats.cache_multiple_players.blocking(players)
    players[1]["faceit_elo"] = 1600

    stats.cache_multiple_players.blocking(players)

    assert [points(f"p{n}") for n in range(3)] == [
        [(1500, None)],
        [(1501, None), (1600, None)],
        [(1502, None)],
    ]


@pytest.mark.parametrize(
    "change", ["UPDATE player_stats_points SET faceit_elo = 1", "DELETE FROM player_stats_points"]
)
def test_points_are_not_changed_and_young_ones_do_not_go(change):
    PointFactory.create(at=clock.now() - timedelta(days=29))

    with (
        pytest.raises(IntegrityError, match="is refused"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)

    assert PlayerStatsPoint.objects.count() == 1


def test_old_points_may_go_but_not_change():
    PointFactory.create(at=clock.now() - timedelta(days=31))

    with pytest.raises(IntegrityError), transaction.atomic():
        PlayerStatsPoint.objects.update(faceit_elo=1)
    PlayerStatsPoint.objects.all().delete()

    assert PlayerStatsPoint.objects.count() == 0


def test_trends_over_thirty_days_equal_those_of_numpy():
    dice = numpy.random.default_rng(7)
    days = numpy.arange(30)
    elo = (1500 + 12 * days + dice.integers(-60, 60, 30)).astype(int)
    rating = numpy.round(1.2 - 0.01 * days + dice.normal(0, 0.05, 30), 2)
    for day in days:
        figures = {"faceit_elo": int(elo[day]), "hltv_rating": float(rating[day]), "winrate": 50.0 + day % 2}
        tell(figures, days_ago=29 - int(day) + 0.5)

    found = stats.analyze_player_trends.blocking("p", now=NOW)

    assert (found["player_id"], found["analysis_period_days"], found["data_points"]) == ("p", 30, 30)
    for name, values in (("faceit_elo", elo), ("hltv_rating", rating)):
        trend = found["trends"][name]
        assert trend["slope_per_day"] == pytest.approx(float(numpy.polyfit(days, values, 1)[0]), rel=1e-9)
        assert (trend["first_value"], trend["latest_value"]) == (values[0], values[-1])
        assert trend["change"] == pytest.approx(float(values[-1] - values[0]))
    assert found["trends"]["faceit_elo"]["direction"] == "up"
    assert found["trends"]["hltv_rating"]["direction"] == "down"
    assert found["latest_stats"]["faceit_elo"] == int(elo[-1])


def test_what_was_in_force_when_the_days_began_is_their_first_point():
    tell({"faceit_elo": 1000}, 31)
    tell({"faceit_elo": 1300}, 1)

    found = stats.analyze_player_trends.blocking("p", now=NOW)

    trend = found["trends"]["faceit_elo"]
    assert (found["data_points"], trend["first_value"], trend["latest_value"]) == (2, 1000, 1300)
    assert trend["slope_per_day"] == pytest.approx(300 / 29)


def test_only_the_days_asked_for_count():
    for days_ago, elo in ((40, 1000), (10, 1500), (5, 1510), (1, 1490)):
        tell({"faceit_elo": elo}, days_ago)

    found = stats.analyze_player_trends.blocking("p", days_back=7, now=NOW)

    assert found["data_points"] == 3
    assert found["trends"]["faceit_elo"]["change"] == 1490 - 1500


@pytest.mark.parametrize("told", [0, 1])
def test_fewer_than_two_points_are_no_trend_and_no_error(told):
    for _each in range(told):
        tell({"faceit_elo": 1500, "recent_form": "WWL"}, 1)

    found = stats.analyze_player_trends.blocking("p", now=NOW)

    assert found["latest_stats"].get("faceit_elo") == (1500 if told else None)
    assert found | {"latest_stats": {}} == {
        "latest_stats": {},
        "player_id": "p",
        "analysis_period_days": 30,
        "data_points": told,
        "trends": {},
        "form_trend": "good" if told else "unknown",
    }


def test_a_time_that_is_none_is_refused():
    with pytest.raises(InvalidInput, match="days_back"):
        stats.analyze_player_trends.blocking("p", days_back=0)
