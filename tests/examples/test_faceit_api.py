"""What the example bot asks FACEIT over the network: addresses, pace, and what counts as a failure."""

import asyncio
import json
import time
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from examples import faceit_bodies
from examples.faceit_api import FaceitApi, FaceitFailed
from tests.examples.faceit import COMING, PAST, PEOPLE


@asynccontextmanager
async def faceit(answer, patience=5.0):
    """The API as it meets a server that answers every request by `answer`."""
    app = web.Application()
    app.router.add_get("/data/v4/{path:.*}", answer)
    async with TestServer(app) as server:
        api = FaceitApi("key", str(server.make_url("/")), patience)
        try:
            yield api
        finally:
            await api.close()


def always(body, status=200):
    async def answer(_request):
        return web.Response(body=body, status=status)

    return answer


async def test_each_question_has_its_address_and_carries_the_key():
    heard = []

    async def answer(request):
        heard.append((request.headers["Authorization"], str(request.rel_url).removeprefix("/data/v4/")))
        return web.json_response({"player_id": "p-1", "nickname": "s1mple", "games": {}, "items": []})

    async with faceit(answer) as api:
        assert await api.player_id("s1mple") == "p-1"
        assert await api.latest_match("p-1") is None
        await api.match("1-1")
        await api.match_stats("1-1")
        await api.player("p-1")
        await api.lifetime_stats("p/1?", "cs2")
        await api.game_stats("p-1", "cs2")

    assert {key for key, _address in heard} == {"Bearer key"}
    assert [address for _key, address in heard] == [
        "players?nickname=s1mple",
        "players/p-1/history?game=cs2&limit=5",
        "matches/1-1",
        "matches/1-1/stats",
        "players/p-1",
        "players/p%2F1%3F/stats/cs2",
        "players/p-1/games/cs2/stats?limit=20",
    ]


async def test_the_latest_match_is_the_first_of_the_history():
    body = json.dumps(faceit_bodies.history(PAST[:3])).encode()

    async with faceit(always(body)) as api:
        assert await api.latest_match(PEOPLE[0].player_id) == PAST[2].match_id


async def test_a_match_that_goes_on_comes_before_later_ones():
    body = faceit_bodies.history(PAST[:3])
    body["items"][0]["status"], body["items"][1]["status"] = "cancelled", "ongoing"

    async with faceit(always(json.dumps(body).encode())) as api:
        assert await api.latest_match(PEOPLE[0].player_id) == PAST[1].match_id


async def test_a_body_comes_as_it_was_sent():
    body = json.dumps(faceit_bodies.match(COMING)).encode()

    async with faceit(always(body)) as api:
        assert await api.match(COMING.match_id) == body


async def test_what_faceit_does_not_know_is_nothing():
    async with faceit(always(b"", 404)) as api:
        assert await api.player_id("nobody") is None
        assert await api.latest_match("nobody") is None
        assert await api.match("1-1") is None


@pytest.mark.parametrize("status", [401, 429, 500, 503])
async def test_a_refusal_is_a_failure_of_faceits(status):
    async with faceit(always(b"{}", status)) as api:
        with pytest.raises(FaceitFailed):
            await api.match("1-1")


def refusing(reset, times):
    """Answer so many requests by a refusal, and the others by a body."""
    heard = []

    async def answer(_request):
        heard.append(time.monotonic())
        refused = len(heard) <= times
        return web.Response(body=b"{}", status=429 if refused else 200, headers={"ratelimit-reset": reset})

    return answer, heard


async def test_who_has_asked_too_often_waits_and_asks_once_more():
    answer, heard = refusing("0.3", 1)

    async with faceit(answer) as api:
        assert await api.match("1-1") == b"{}"

    assert len(heard) == 2
    assert heard[1] - heard[0] >= 0.29


@pytest.mark.parametrize(("reset", "asked"), [("0", 2), ("3600", 1)])
async def test_nobody_waits_twice_or_for_long(reset, asked):
    answer, heard = refusing(reset, 3)

    async with faceit(answer) as api:
        with pytest.raises(FaceitFailed):
            await api.match("1-1")

    assert len(heard) == asked


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"nickname": "s1mple"}', b'{"items": 3}'])
async def test_a_body_that_cannot_be_read_is_a_failure_of_faceits(body):
    async with faceit(always(body)) as api:
        with pytest.raises(FaceitFailed):
            await api.player_id("s1mple")
        with pytest.raises(FaceitFailed):
            await api.latest_match("p-1")


async def test_an_answer_that_does_not_come_is_a_failure_of_faceits():
    async def answer(_request):
        await asyncio.sleep(1)

    async with faceit(answer, patience=0.05) as api:
        with pytest.raises(FaceitFailed):
            await api.match("1-1")


async def test_at_most_ten_requests_go_in_a_second():
    times = []

    async def answer(_request):
        times.append(time.monotonic())
        return web.Response(body=b"{}")

    async with faceit(answer) as api:
        await asyncio.gather(*(api.match("1-1") for _request in range(5)))

    assert len(times) == 5
    assert times[-1] - times[0] >= 0.4
