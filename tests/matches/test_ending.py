"""What is learnt of a match reaches everybody who had it analysed, and who waits for its end."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput
from matches.repositories import MatchCacheRepository, MatchRepository
from matches.signals import match_ended
from tests.matches.made import analysis_data, match_body
from users.repositories import UserRepository

repository, bodies, users = MatchRepository(), MatchCacheRepository(), UserRepository()
FINISHED_AT = datetime.fromtimestamp(1_771_968_208, UTC)


@pytest.fixture
def ends():
    heard = []

    def hear(*, match_id, status, winner, finished_at, now, **_):
        assert now is None
        heard.append((match_id, status.value, winner, finished_at))

    match_ended.connect(hear)
    yield heard
    match_ended.disconnect(hear)


async def analysed(*telegram_ids, match_id="1-match", status="ONGOING"):
    for telegram_id in telegram_ids:
        user = await users.create_user(telegram_id)
        await repository.create_analysis(user.pk, match_id, analysis_data(status=status))


async def test_a_status_reaches_all_and_the_next_cached_read_shows_it(both_ways):
    await analysed(1, 2)
    await analysed(3, match_id="1-other")
    assert (await repository.get_by_match_id("1-match")).status == "ongoing"

    updated = await repository.update_match_status("1-match", "FINISHED", FINISHED_AT)

    assert [(row.status, row.finished_at) for row in updated] == [("finished", FINISHED_AT)] * 2
    newest = await repository.get_by_match_id("1-match")
    assert (newest.status, newest.finished_at) == ("finished", FINISHED_AT)
    assert newest == updated[0]
    assert (await repository.get_by_id(updated[1].pk)).status == "finished"
    assert (await repository.get_by_match_id("1-other")).status == "ongoing"
    assert await repository.update_match_status("1-unknown", "FINISHED") == []


async def test_what_is_over_stays_over_whatever_comes_late(both_ways):
    await analysed(1)
    await repository.update_match_status("1-match", "finished", FINISHED_AT)

    assert await repository.update_match_status("1-match", "ONGOING") == []
    assert await repository.record_match(match_body(status="READY")) == []
    assert (await repository.get_by_match_id("1-match")).status == "finished"

    (row,) = await repository.update_match_status("1-match", "CANCELLED")
    assert (row.status, row.finished_at) == ("cancelled", FINISHED_AT)


async def test_a_body_tells_all_analyses_and_is_stored(both_ways, ends):
    await analysed(1, 2)

    rows = await repository.record_match(json.dumps(match_body()).encode())

    assert {(row.status, row.map_name, row.finished_at) for row in rows} == {
        ("finished", "de_nuke", FINISHED_AT)
    }
    assert len(rows) == 2
    stored = await bodies.get_cached_match("1-match")
    assert stored.match_data == match_body()
    assert ends == [("1-match", "finished", "team1", FINISHED_AT)]


async def test_a_second_record_doubles_nothing(both_ways):
    await analysed(1)
    first = await repository.record_match(match_body())

    again = await repository.record_match(match_body())

    assert [row.pk for row in again] == [row.pk for row in first]
    assert again[0].revision == 1
    assert await bodies.count() == 1


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (match_body(status="CANCELLED"), [("1-match", "cancelled", None, None)]),
        (match_body(status="aborted"), [("1-match", "aborted", None, None)]),
        (match_body(status="READY"), []),
        (
            match_body(results={"score": {"faction1": 0, "faction2": 0}}),
            [("1-match", "finished", None, FINISHED_AT)],
        ),
        (match_body(results={"winner": "faction2"}), [("1-match", "finished", "team2", FINISHED_AT)]),
    ],
    ids=["cancelled", "aborted", "not begun", "no winner yet", "second team"],
)
async def test_the_end_is_told_with_what_is_known_of_it(both_ways, ends, body, told):
    await repository.record_match(body)

    assert ends == told


async def test_an_end_is_told_of_without_a_body(both_ways, ends):
    await repository.update_match_status("1-match", "CANCELLED", winner="team1")
    await repository.update_match_status("1-other", "FINISHED")
    await repository.update_match_status("1-other", "FINISHED", FINISHED_AT, "team2")
    await repository.update_match_status("1-third", "ONGOING")

    assert ends == [
        ("1-match", "cancelled", None, None),
        ("1-other", "finished", None, None),
        ("1-other", "finished", "team2", FINISHED_AT),
    ]
    with pytest.raises(InvalidInput, match="winner"):
        await repository.update_match_status("1-other", "FINISHED", winner="faction1")


async def test_a_body_that_does_not_know_of_the_end_is_given_no_more(both_ways):
    await repository.record_match(match_body(status="READY"))
    await repository.record_match(match_body("1-over"))
    assert await bodies.get_cached_match("1-match") is not None

    for match_id in ("1-match", "1-over"):
        await repository.update_match_status(match_id, "FINISHED")

    assert await bodies.get_cached_match("1-match") is None
    assert await bodies.get_cached_match("1-over") is not None


async def test_an_older_body_that_comes_late_does_not_replace_that_of_the_end(both_ways):
    await repository.record_match(match_body())
    await repository.record_match(match_body(status="ONGOING"))
    assert (await bodies.get_cached_match("1-match")).match_data == match_body()

    await repository.record_match(match_body(status="CANCELLED"))
    assert (await bodies.get_cached_match("1-match")).match_data["status"] == "CANCELLED"


async def test_a_match_that_is_over_for_others_is_so_for_who_comes_late(both_ways):
    await analysed(1)
    await repository.update_match_status("1-match", "finished", FINISHED_AT)

    await analysed(2, status="never heard of")

    newest = await repository.get_by_match_id("1-match")
    assert (newest.status, newest.status_raw, newest.finished_at) == ("finished", "", FINISHED_AT)
    await analysed(3, status="cancelled")
    assert (await repository.get_by_match_id("1-match")).status == "cancelled"


@pytest.mark.django_db(transaction=True)
async def test_a_receiver_that_fails_undoes_what_was_learnt():
    await analysed(1)

    def fail(**_):
        raise LookupError

    match_ended.connect(fail)
    try:
        with pytest.raises(LookupError):
            await repository.record_match(match_body())
    finally:
        match_ended.disconnect(fail)

    assert (await repository.get_by_match_id("1-match")).status == "ongoing"
    assert await bodies.count() == 0


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"{", "body"),
        ([], "body"),
        ({}, "match_id"),
        (match_body(started_at="soon"), "started_at"),
        (match_body(unread=float("nan")), "body.unread"),
        (match_body(unread="x" * 1_000_001), "body"),
        (match_body(teams={"faction1": {}, "faction2": {}}), "teams.faction1.faction_id"),
    ],
    ids=["no json", "no object", "nothing", "time", "nan", "too large", "teams"],
)
async def test_a_body_that_cannot_be_read_leaves_nothing_behind(both_ways, body, path):
    await analysed(1)

    with pytest.raises(InvalidInput) as caught:
        await repository.record_match(body)

    assert caught.value.context["field"] == path
    assert await bodies.count() == 0
    assert (await repository.get_by_match_id("1-match")).status == "ongoing"


async def test_open_matches_come_round_those_first_that_were_not_heard_of(both_ways):
    for number in range(3):
        await analysed(number + 1, 9, match_id=f"1-{number}")
    await analysed(4, match_id="1-over", status="finished")

    assert await repository.get_unfinished_matches() == ["1-0", "1-1", "1-2"]
    assert await repository.get_unfinished_matches(limit=1) == ["1-0"]
    await repository.update_match_status("1-0", "ongoing")
    assert await repository.get_unfinished_matches(limit=2) == ["1-1", "1-2"]
    await repository.update_match_status("1-1", "aborted")
    assert await repository.get_unfinished_matches() == ["1-2", "1-0"]


async def test_an_old_time_is_given_by_who_tests(both_ways):
    yesterday = clock.now() - timedelta(days=1)

    await repository.record_match(match_body(), now=yesterday)

    assert await bodies.get_cached_match("1-match") is None
    assert await bodies.get_cached_match("1-match", now=yesterday) is not None
    assert await bodies.count() == 1
