"""What was foretold of matches, and how good that was."""

import asyncio
from datetime import timedelta
from math import log

import pytest

from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput
from stats.models import Prediction
from stats.repositories import StatsRepository
from tests.threads import in_a_thread

stats = StatsRepository()


async def test_the_newest_prediction_before_the_end_counts(both_ways):
    first = await stats.record_prediction("m", 0.6, {"elo_difference": 70})
    second = await stats.record_prediction("m", 0.55, {"elo_difference": 35})
    assert (second.pk, second.team1_probability, second.inputs) == (first.pk, 0.55, {"elo_difference": 35})

    settled = await stats.settle_prediction("m", "team2")
    late = await stats.record_prediction("m", 0.01)

    assert (settled.winner, late.team1_probability, late.pk) == ("team2", 0.55, first.pk)
    again = await stats.settle_prediction("m", "team2")
    assert (again.ended_at, again.settled_at) == (settled.ended_at, settled.settled_at)
    assert (await stats.get_prediction_quality())["count"] == 1


async def test_a_match_that_is_over_is_foretold_no_more_whoever_has_won(both_ways):
    await stats.record_prediction("m", 0.6)

    closed = await stats.close_prediction("m")

    assert (closed.ended_at is not None, closed.settled_at, closed.winner) == (True, None, None)
    assert (await stats.record_prediction("m", 0.99)).team1_probability == 0.6
    assert await stats.close_prediction("unknown") is None


async def test_what_is_told_last_of_an_end_counts(both_ways):
    await stats.record_prediction("m", 0.6)
    scored = await stats.settle_prediction("m", "team1")

    void = await stats.settle_prediction("m", None)
    assert (void.winner, void.ended_at) == (None, scored.ended_at)
    assert (await stats.get_prediction_quality())["count"] == 0
    assert await stats.claim_unsettled_matches() == []

    await stats.close_prediction("m")  # it was finished after all
    assert await stats.claim_unsettled_matches() == ["m"]
    await stats.settle_prediction("m", "team2")
    assert (await stats.close_prediction("m")).winner == "team2"
    assert (await stats.get_prediction_quality())["count"] == 1


async def test_a_match_counts_when_it_ended_not_when_that_was_heard(both_ways):
    now = clock.now()
    for match, made, ended in (("old", 401, 400), ("new", 3, 2), ("said afterwards", 1, 2)):
        await stats.record_prediction(match, 0.6, now=now - timedelta(days=made))
        await stats.settle_prediction(match, "team1", now - timedelta(days=ended), now=now)

    assert (await stats.get_prediction_quality(30, now=now))["count"] == 1
    assert (await stats.get_prediction_quality(500, now=now))["count"] == 2


async def test_matches_without_a_known_winner_go_round(both_ways):
    now = clock.now()
    ages = {"playing": 5, "long": 7, "ended": 1, "given up": 24 * 31, "settled": 8}
    for match, hours in ages.items():
        await stats.record_prediction(match, 0.6, now=now - timedelta(hours=hours))
    await stats.close_prediction("ended", now=now)
    await stats.settle_prediction("settled", "team1", now=now)

    rounds = [await stats.claim_unsettled_matches(1, now=now + timedelta(minutes=n)) for n in range(3)]

    assert rounds == [["long"], ["ended"], ["long"]]


async def test_quality_is_the_mean_of_what_has_ended(both_ways):
    now = clock.now()
    for match, chance, winner, days in (
        ("a", 0.7, "team1", 1),
        ("b", 0.4, "team1", 2),
        ("c", 0.2, "team2", 3),
        ("cancelled", 0.9, None, 1),
        ("long ago", 0.99, "team2", 31),
    ):
        await stats.record_prediction(match, chance, now=now - timedelta(days=days, hours=1))
        await stats.settle_prediction(match, winner, now=now - timedelta(days=days))
    await stats.record_prediction("open", 0.9)

    found = await stats.get_prediction_quality(now=now)

    assert found == {
        "count": 3,
        "brier": pytest.approx((0.3**2 + 0.6**2 + 0.2**2) / 3),
        "log_loss": pytest.approx(-(log(0.7) + log(0.4) + log(0.8)) / 3),
    }


async def test_without_predictions_there_is_no_quality_and_no_error(both_ways):
    assert await stats.get_prediction_quality() == {"count": 0, "brier": None, "log_loss": None}
    assert await stats.settle_prediction("unknown", "team1") is None


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("", 0.5), "match_id"),
        (("m", 0), "team1_probability"),
        (("m", 1.0), "team1_probability"),
        (("m", True), "team1_probability"),
        (("m", float("nan")), "team1_probability"),
        (("m", 0.5, [1]), "inputs"),
        (("m", 0.5, {"x": object()}), "inputs.x"),
    ],
)
async def test_what_is_no_prediction_is_refused(both_ways, arguments, field):
    with pytest.raises(InvalidInput) as refused:
        await stats.record_prediction(*arguments)

    assert refused.value.context["field"] == field


async def test_nobody_else_can_win(both_ways):
    with pytest.raises(InvalidInput, match="winner"):
        await stats.settle_prediction("m", "faction1")


@pytest.mark.django_db(transaction=True)
async def test_many_predictions_of_one_match_at_once_are_one_row():
    await asyncio.gather(*(stats.record_prediction("m", 0.3 + n / 100) for n in range(20)))

    assert await in_a_thread(Prediction.objects.count) == 1
