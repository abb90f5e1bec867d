"""The example bot analyses matches: what it answers, what it asks FACEIT for, and who pays for it."""

from datetime import timedelta

import pytest

from analytics.repositories import AnalyticsRepository
from examples import faceit_bodies
from examples.bot_analysis import match_id_in
from examples.bot_jobs import MATCHES_A_ROUND, follow_matches
from examples.faceit_api import FaceitFailed
from faceitbot.core import atomically
from faceitbot.texts import say
from matches.repositories import MatchRepository
from stats.models import PlayerMatch, PlayerStatsCache, Prediction
from stats.repositories import StatsRepository
from subscriptions.repositories import SubscriptionRepository
from tests.examples.bot import MARIA
from tests.examples.faceit import COMING, NOW, PEOPLE
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

users, access = UserRepository(), SubscriptionRepository()
matches, stats = MatchRepository(), StatsRepository()
EVERYBODY = [person.player_id for person in PEOPLE]
ROOM = f"https://www.faceit.com/ru/cs2/room/{COMING.match_id}/scoreboard"
ANSWER = [
    "team_frost0 77 % : 23 % team_raven5",
    "🎯 viper8 0.65",
]
ANSWER_TO_TEAM_2 = [
    "team_frost0 77 % : 23 % team_raven5",
    "🎯 frost0 0.75, pixel4 0.81",
]


async def link(telegram, person):
    await telegram.write("/link")
    assert await telegram.write(person.nickname) == [say("linked", "ru")]
    telegram.faceit.asked.clear()


async def requests_of_today():
    user = await users.get_by_telegram_id(MARIA)
    return 10 - (await access.can_make_request(user.pk)).limits["remaining"]


async def rows_of(model):
    return await atomically(lambda: list(model.objects.all()))


async def test_the_latest_match_is_analysed(telegram):
    await link(telegram, PEOPLE[0])

    (said,) = await telegram.write("/analyse")

    assert said.splitlines() == ANSWER
    of_players = [f"{what} {each}" for each in EVERYBODY for what in ("player", "lifetime cs2", "games cs2")]
    assert telegram.faceit.asked[:2] == [f"latest of {EVERYBODY[0]}", "match"]
    assert sorted(telegram.faceit.asked[2:]) == sorted(of_players)
    row = await matches.get_by_match_id(COMING.match_id)
    assert (row.status, row.revision, row.cached_data_used) == ("voting", 1, False)
    assert row.processing_time_ms >= 0
    assert await requests_of_today() == 1


async def test_a_second_analysis_of_a_match_asks_faceit_for_nothing(telegram):
    await link(telegram, PEOPLE[0])
    first = await telegram.write("/analyse")
    telegram.faceit.asked.clear()

    again = await telegram.write(f"/analyse {ROOM}")

    assert again == first
    assert telegram.faceit.asked == []
    row = await matches.get_by_match_id(COMING.match_id)
    assert (row.revision, row.cached_data_used) == (2, True)
    assert await requests_of_today() == 2


async def test_advice_is_for_the_readers_own_team(telegram):
    await link(telegram, PEOPLE[9])

    (said,) = await telegram.write(f"/analyse {COMING.match_id}")

    assert said.splitlines() == ANSWER_TO_TEAM_2


async def test_who_has_no_account_may_have_a_match_analysed_by_its_room(telegram):
    (said,) = await telegram.write(f"/analyse {ROOM}")

    assert said.splitlines() == ANSWER
    assert await telegram.write("/analyse") == [say("ask_nickname", "ru")]


@pytest.mark.parametrize("text", ["abc", "https://www.faceit.com/en/players/s1mple", "1-2-3-4-5"])
async def test_what_is_no_match_costs_nothing_and_asks_for_nothing(telegram, text):
    assert await telegram.write(f"/analyse {text}") == [say("invalid_input", "ru")]

    assert telegram.faceit.asked == []
    assert await requests_of_today() == 0


@pytest.mark.parametrize(
    ("what", "answer"),
    [
        ("all", FaceitFailed("away")),
        ("latest", FaceitFailed("away")),
        ("match", FaceitFailed("away")),
        ("lifetime", FaceitFailed("away")),
        ("games", FaceitFailed("away")),
        ("match", b"<html>Bad Gateway</html>"),
        ("match", {"match_id": COMING.match_id}),
        ("player", b"[]"),
        ("lifetime", {"player_id": "somebody else", "game_id": "cs2", "lifetime": {}, "segments": []}),
    ],
)
async def test_what_faceit_does_not_do_costs_nothing(telegram, what, answer):
    await link(telegram, PEOPLE[0])
    telegram.faceit.answers[what] = answer

    said = await telegram.write("/analyse")

    assert said == [say("unavailable", "ru")]
    assert await requests_of_today() == 0
    assert await matches.get_by_match_id(COMING.match_id) is None
    figures = await AnalyticsRepository().get_performance_metrics(1)
    assert figures["reliability"]["failed_requests"] == 1

    telegram.faceit.answers.clear()
    assert (await telegram.write("/analyse"))[0].splitlines() == ANSWER


@pytest.mark.parametrize("what", ["latest", "match"])
async def test_a_match_that_is_not_there_costs_nothing(telegram, what):
    await link(telegram, PEOPLE[0])
    telegram.faceit.answers[what] = None

    assert await telegram.write("/analyse") == [say("not_found", "ru")]
    assert await requests_of_today() == 0


async def test_a_player_whom_faceit_has_forgotten_counts_with_his_level(telegram):
    telegram.faceit.answers["player"] = None

    (said,) = await telegram.write(f"/analyse {ROOM}")

    assert said == "team_frost0 : team_raven5"
    assert await rows_of(PlayerStatsCache) == []


async def test_of_a_match_that_is_over_the_answer_says_so(telegram):
    telegram.faceit.status = "FINISHED"

    (said,) = await telegram.write(f"/analyse {ROOM}")

    score = faceit_bodies.match(COMING)["results"]["score"]
    assert said.splitlines()[0] == f"🏁 {score['faction1']} : {score['faction2']}"


async def test_the_limit_is_said(telegram):
    await link(telegram, PEOPLE[0])
    for _request in range(10):
        await telegram.write("/analyse")

    (refused,) = await telegram.write("/analyse")

    assert refused.startswith("Лимит на сегодня исчерпан: 10 из 10.")


# ---- Matches go on


async def test_a_match_is_followed_to_its_end_and_its_prediction_scored(telegram):
    await telegram.write(f"/analyse {ROOM}")
    await atomically(lambda: Prediction.objects.update(made_at=NOW - timedelta(hours=1)))  # it is long ago
    telegram.faceit.status = "FINISHED"

    await follow_matches(telegram.faceit)
    telegram.faceit.asked.clear()
    await follow_matches(telegram.faceit)

    assert telegram.faceit.asked == []
    assert (await matches.get_by_match_id(COMING.match_id)).status == "finished"
    (prediction,) = await rows_of(Prediction)
    assert prediction.winner == f"team{COMING.winner + 1}"
    assert (await stats.get_prediction_quality(now=NOW))["count"] == 1
    played = [row for row in await rows_of(PlayerMatch) if row.match_id == COMING.match_id]
    assert sorted(row.player_id for row in played) == sorted(EVERYBODY)
    assert {row.finished_at for row in played} == {NOW}


@pytest.mark.parametrize(
    ("answer", "winner"), [("a body", f"team{COMING.winner + 1}"), (None, None)], ids=["known", "forgotten"]
)
async def test_who_won_a_match_that_a_webhook_has_ended_is_asked_for(telegram, answer, winner):
    await telegram.write(f"/analyse {ROOM}")
    await matches.update_match_status(COMING.match_id, "FINISHED")
    assert await matches.get_unfinished_matches() == []
    telegram.faceit.status = "FINISHED"
    if answer is None:
        telegram.faceit.answers["match"] = None

    await follow_matches(telegram.faceit)

    (prediction,) = await rows_of(Prediction)
    assert (prediction.winner, prediction.settled_at is not None) == (winner, True)
    assert (await matches.get_by_match_id(COMING.match_id)).status == "finished"
    telegram.faceit.asked.clear()
    await follow_matches(telegram.faceit)
    assert telegram.faceit.asked == []


async def test_a_match_that_faceit_has_forgotten_is_over(telegram):
    await telegram.write(f"/analyse {ROOM}")
    telegram.faceit.answers["match"] = None

    await follow_matches(telegram.faceit)

    assert (await matches.get_by_match_id(COMING.match_id)).status == "aborted"


async def test_a_body_that_cannot_be_read_does_not_stand_in_the_way_of_other_matches(telegram):
    await telegram.write(f"/analyse {ROOM}")
    user = await users.get_by_telegram_id(MARIA)
    info = {"match_info": {"game": "cs2", "status": "ONGOING"}}
    for number in range(MATCHES_A_ROUND):
        await matches.create_analysis(user.pk, f"1-{number}", info)
    telegram.faceit.answers["match"] = b"nonsense"

    await follow_matches(telegram.faceit)

    first, *_others = await matches.get_unfinished_matches()
    assert first == f"1-{MATCHES_A_ROUND - 1}"  # the one that was not asked about
    assert (await matches.get_by_match_id("1-0")).status == "ongoing"


async def test_faceit_that_is_away_ends_the_round(telegram):
    await telegram.write(f"/analyse {ROOM}")
    telegram.faceit.answers["all"] = FaceitFailed("away")

    with pytest.raises(FaceitFailed):
        await follow_matches(telegram.faceit)

    assert (await matches.get_by_match_id(COMING.match_id)).status == "voting"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (COMING.match_id, COMING.match_id),
        (ROOM, COMING.match_id),
        (f" {COMING.match_id.upper()}?x=1", COMING.match_id),
        (COMING.match_id[:-1], None),
        ("", None),
    ],
)
def test_the_id_of_a_match_is_found_in_what_is_typed(text, found):
    assert match_id_in(text) == found
