"""One row for each user and match; the newest is given; what is not mentioned stays."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog

from faceitbot.core import atomically, clock
from faceitbot.core.errors import InvalidInput
from matches.models import MatchAnalysis
from matches.repositories import MatchRepository
from tests.factories import UserFactory
from tests.matches.made import analysis_data
from users import history
from users.errors import UserNotFound
from users.models import User
from users.repositories import UserRepository

repository, users = MatchRepository(), UserRepository()
START = datetime(2026, 3, 1, 18, tzinfo=UTC)


async def test_two_users_and_one_of_them_twice_make_two_rows_one_at_revision_two(both_ways):
    first, second = await users.create_user(1), await users.create_user(2)

    await repository.create_analysis(first.pk, "1-match", analysis_data())
    await repository.create_analysis(second.pk, "1-match", analysis_data())
    again = await repository.create_analysis(first.pk, "1-match", analysis_data(map="Nuke"), 900)

    rows = await repository.get_all(filters={"match_id": "1-match"})
    assert sorted((row.user_id == first.pk, row.revision) for row in rows) == [(False, 1), (True, 2)]
    assert (again.revision, again.map_name, again.processing_time_ms) == (2, "de_nuke", 900)
    newest = await repository.get_by_match_id("1-match")
    assert (newest.pk, newest.revision) == (again.pk, 2)
    of_second = await repository.get_by_match_id("1-match", user_id=second.pk)
    assert (of_second.user_id, of_second.map_name) == (second.pk, "de_mirage")
    assert await repository.get_by_match_id("1-other") is None


async def test_every_part_of_an_analysis_is_kept(both_ways):
    user = await users.create_user(1)

    await repository.create_analysis(user.pk, "1-match", analysis_data(finished_at=1_771_968_208))

    row = await repository.get_by_match_id("1-match")
    given = analysis_data()
    assert (row.game, row.region, row.map_name, row.status) == ("cs2", "EU", "de_mirage", "ongoing")
    assert (row.competition_name, row.started_at) == ("Europe 5v5", START)
    assert row.finished_at == datetime.fromtimestamp(1_771_968_208, UTC)
    assert (row.team1_analysis, row.team2_analysis) == (given["team1_analysis"], given["team2_analysis"])
    assert (row.prediction, row.cached_data_used) == (given["prediction"], True)
    assert row.match_url == given["match_url"]
    assert row.details == {
        "recommendations": given["recommendations"],
        "match_info": {"best_of": 1},
    }


async def test_what_a_new_analysis_does_not_mention_of_the_match_stays(both_ways):
    user = await users.create_user(1)
    await repository.create_analysis(user.pk, "1-match", analysis_data(), 100)

    row = await repository.create_analysis(user.pk, "1-match", {"prediction": {"team1": 0.4}})

    assert (row.map_name, row.status, row.started_at) == ("de_mirage", "ongoing", START)
    assert (row.prediction, row.team1_analysis, row.details) == ({"team1": 0.4}, None, None)
    assert (row.processing_time_ms, row.cached_data_used) == (None, False)


async def test_a_match_that_is_over_does_not_begin_again(both_ways):
    user = await users.create_user(1)
    await repository.create_analysis(user.pk, "1-match", analysis_data(status="FINISHED"))

    late = await repository.create_analysis(user.pk, "1-match", analysis_data(status="ongoing"))
    after = await repository.create_analysis(user.pk, "1-match", analysis_data(status="cancelled"))

    assert (late.status, late.revision) == ("finished", 2)
    assert after.status == "cancelled"


@pytest.mark.parametrize("status", ["FINISHED", "finished", "Finished"])
async def test_a_status_is_read_in_any_case(both_ways, status):
    user = await users.create_user(1)

    row = await repository.create_analysis(user.pk, "1-match", analysis_data(status=status))

    assert (row.status, row.status_raw) == ("finished", "")


async def test_an_unknown_status_is_scheduled_and_its_text_is_kept_and_logged(both_ways):
    user = await users.create_user(1)

    with structlog.testing.capture_logs() as logged:
        row = await repository.create_analysis(user.pk, "1-match", analysis_data(status="CHECK_IN\x00"))

    assert (row.status, row.status_raw) == ("scheduled", "CHECK_IN")
    assert {"event": "match.unknown_status", "status": "CHECK_IN", "log_level": "warning"} in logged
    assert await repository.get_unfinished_matches() == ["1-match"]


async def test_somebody_unknown_or_erased_has_nothing_analysed(both_ways):
    erased = await users.create_user(1)
    await users.forget_identity(erased.pk)

    for user_id in (erased.pk, "4f1b0c9e-3a53-4bd1-9d6f-0f7a0b7a1c11"):
        with pytest.raises(UserNotFound):
            await repository.create_analysis(user_id, "1-match", analysis_data())

    assert await repository.count() == 0


@pytest.mark.parametrize("wrong", [7, True, None, "no uuid"])
async def test_a_telegram_id_is_no_user_id(both_ways, wrong):
    with pytest.raises(InvalidInput, match="user_id"):
        await repository.create_analysis(wrong, "1-match", analysis_data())
    with pytest.raises(InvalidInput, match="user_id"):
        await repository.get_user_analyses(wrong)
    if wrong is not None:
        with pytest.raises(InvalidInput, match="user_id"):
            await repository.get_by_match_id("1-match", user_id=wrong)


async def test_a_history_comes_newest_first_in_pages_and_by_status_and_game(both_ways):
    user, other = await users.create_user(1), await users.create_user(2)
    now = clock.now()
    for number, status in enumerate(["ongoing", "finished", "finished", "ongoing"]):
        at = now - timedelta(hours=10 * number)
        data = analysis_data(status=status, game="csgo" if number == 2 else "cs2")
        await repository.create_analysis(user.pk, f"1-{number}", data, now=at)
    await repository.create_analysis(other.pk, "1-other", analysis_data())

    async def ids(**options):
        return [row.match_id for row in await repository.get_user_analyses(user.pk, **options)]

    assert await ids() == ["1-0", "1-1", "1-2", "1-3"]
    assert await ids(limit=2, offset=1) == ["1-1", "1-2"]
    assert await ids(status="FINISHED") == ["1-1", "1-2"]
    assert await ids(status="finished", game="csgo") == ["1-2"]
    recent = await repository.get_user_recent_analyses(user.pk, hours=15, now=now)
    assert [row.match_id for row in recent] == ["1-0", "1-1"]
    with pytest.raises(InvalidInput, match="status"):
        await ids(status="over")
    assert [row.match_id for row in await users.get_user_match_history(1, limit=3)] == ["1-0", "1-1", "1-2"]
    assert await users.get_user_match_history(3) == []


async def test_an_analysis_that_is_made_again_is_the_newest(both_ways):
    user, now = await users.create_user(1), clock.now()
    await repository.create_analysis(user.pk, "1-old", analysis_data(), now=now - timedelta(days=2))
    await repository.create_analysis(user.pk, "1-new", analysis_data(), now=now - timedelta(days=1))
    await repository.create_analysis(user.pk, "1-old", analysis_data(), now=now)

    assert [row.match_id for row in await repository.get_user_analyses(user.pk)] == ["1-old", "1-new"]


# ---- At the same time


@pytest.mark.django_db(transaction=True)
async def test_fifty_analyses_of_one_user_and_match_make_one_row_at_revision_fifty():
    user = await users.create_user(1)

    rows = await asyncio.gather(
        *(repository.create_analysis(user.pk, "1-match", analysis_data()) for _call in range(50))
    )

    assert sorted(row.revision for row in rows) == list(range(1, 51))
    assert [row.revision for row in await repository.get_all()] == [50]


@pytest.mark.django_db(transaction=True)
async def test_control_to_look_first_and_write_then_loses_revisions():
    user = await users.create_user(1)
    await repository.create_analysis(user.pk, "1-match", analysis_data())

    async def naive():
        row = await repository.get_by_id((await repository.get_all())[0].pk)
        await atomically(MatchAnalysis.objects.filter(pk=row.pk).update, revision=row.revision + 1)

    await asyncio.gather(*(naive() for _call in range(50)))

    (row,) = await repository.get_all()
    assert row.revision < 51


@pytest.mark.django_db(transaction=True)
async def test_a_user_with_all_his_data_takes_three_queries(django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(history, "FULL_DATA_ANALYSES", 3)
    user = await users.create_user(1)
    for number in range(4):
        await repository.create_analysis(user.pk, f"1-{number}", analysis_data())

    def full():
        with django_assert_num_queries(3):
            found: Any = users.get_user_with_full_data.blocking(1)
        with django_assert_num_queries(0):
            matches = [row.match_id for row in found.analyses.all()]
            return found, matches, len(found.payments.all())

    found, matches, payments = await atomically(full)

    assert (found, found.subscription.tier) == (user, "free")
    assert (matches, payments) == (["1-3", "1-2", "1-1"], 0)
    assert await users.get_user_with_full_data(2) is None


@pytest.mark.django_db
def test_a_user_takes_his_analyses_along():
    user = UserFactory.create()
    repository.create_analysis.blocking(user.pk, "1-match", analysis_data())

    assert users.delete.blocking(user.pk) is True

    assert (User.objects.count(), MatchAnalysis.objects.count()) == (0, 0)
