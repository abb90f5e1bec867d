"""Calls that wait for nobody let the event loop go on."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from math import inf
from typing import Any

import pytest

from faceitbot.core import atomically, turns
from stats.repositories import StatsRepository
from tests.core.cache.counted import counted
from tests.factories import CardFactory
from users.repositories import UserRepository

CALLS = 100


async def turns_of_the_loop_during(work):
    """Give how often the loop came round while something was awaited."""
    seen = 0

    async def count():
        nonlocal seen
        while True:
            seen += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await asyncio.sleep(0)
    seen = 0
    await work()
    counting.cancel()
    return seen


@pytest.fixture(params=["a user", "a team"])
async def hits(request):
    """A hundred calls, one after the other, that are answered by what this process has just read."""
    call: Callable[[], Awaitable[Any]]
    if request.param == "a user":
        await UserRepository().create_user(7)
        call = partial(UserRepository().get_by_telegram_id, 7)
    else:
        cards = await atomically(CardFactory.create_batch, 2)
        call = partial(StatsRepository().get_team_stats, [card.player_id for card in cards])
    await call()

    async def hundred():
        with counted() as counts:
            for _call in range(CALLS):
                assert await call()
        assert counts["in_process"] >= CALLS / 2  # the machine may be busy, and the time of a value over

    return hundred


@pytest.mark.django_db(transaction=True)
async def test_others_have_their_turn_among_calls_that_wait_for_nobody(hits, monkeypatch):
    monkeypatch.setattr(turns, "_SECONDS", 0)

    assert await turns_of_the_loop_during(hits) >= CALLS / 2


@pytest.mark.django_db(transaction=True)
async def test_control_without_that_nobody_else_has(hits, monkeypatch):
    monkeypatch.setattr(turns, "_SECONDS", inf)

    assert await turns_of_the_loop_during(hits) < CALLS / 2


@pytest.mark.django_db(transaction=True)
async def test_who_is_about_to_wait_for_a_server_does_not_stand_in_line_first(monkeypatch):
    monkeypatch.setattr(turns, "_SECONDS", 0)
    await UserRepository().create_user(7)
    cards = [card.player_id for card in await atomically(CardFactory.create_batch, 2)]

    async def stand_in_line():
        raise AssertionError("he has no answer yet")

    monkeypatch.setattr(turns, "next_one", stand_in_line)
    users = [UserRepository().get_by_telegram_id(7) for _call in range(20)]
    teams = [StatsRepository().get_team_stats(cards) for _call in range(20)]

    assert all(await asyncio.gather(*users, *teams))


async def test_the_line_has_an_end_behind_which_callers_give_way_once(monkeypatch):
    monkeypatch.setattr(turns, "_SECONDS", 0)
    monkeypatch.setattr(turns, "_MOST_IN_LINE", 10)
    went_on = []

    async def call(number):
        if turns.is_over():
            await turns.next_one()
        went_on.append(number)

    await asyncio.gather(*map(call, range(30)))

    assert went_on == [0, *range(11, 30), *range(1, 11)]


async def test_behind_the_end_of_the_line_nobody_keeps_the_loop_for_himself(monkeypatch):
    monkeypatch.setattr(turns, "_SECONDS", 0)
    monkeypatch.setattr(turns, "_MOST_IN_LINE", 10)

    async def call_again_and_again():
        for _call in range(CALLS):
            if turns.is_over():
                await turns.next_one()

    async def everybody():
        await asyncio.gather(*(call_again_and_again() for _caller in range(30)))

    assert await turns_of_the_loop_during(everybody) >= CALLS


class Caller:
    """Calls that take a millisecond each, by a clock of their own; and who has made them."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        self.came = ""
        monkeypatch.setattr(turns, "monotonic", lambda: self.now)

    async def call(self, name, calls=1):
        for _call in range(calls):
            if turns.is_over():
                await turns.next_one()
            self.came += name
            self.now += 0.001


@pytest.fixture
def caller(monkeypatch):
    monkeypatch.setattr(turns, "_SECONDS", 0.0035)
    monkeypatch.setattr(turns, "_SECONDS_EACH", 0.0)
    return Caller(monkeypatch)


async def test_who_comes_first_is_served_first_and_stands_behind_the_others_for_his_next_call(caller):
    await asyncio.gather(*(caller.call(name, 6) for name in "abc"))

    assert caller.came == "aaaa" + "abc" * 2 + "bc" * 4


async def test_whose_turn_it_is_may_call_again_for_a_while(caller, monkeypatch):
    monkeypatch.setattr(turns, "_SECONDS_EACH", 0.0015)

    await asyncio.gather(*(caller.call(name, 6) for name in "abc"))

    assert caller.came == "aaaa" + "aabbcc" + "bbcc" * 2


async def test_everybody_is_woken_at_last(caller, monkeypatch):
    monkeypatch.setattr(turns, "_MOST", 3)
    names = "".join(map(chr, range(ord("A"), ord("A") + 50)))

    await asyncio.gather(*map(caller.call, names))

    assert caller.came == names


async def test_who_is_cancelled_leaves_the_line(caller):
    calling = [asyncio.create_task(caller.call(name)) for name in "abcdefgh"]
    await asyncio.sleep(0)
    for number in (4, 6):
        calling[number].cancel()

    await asyncio.gather(*calling, return_exceptions=True)
    await asyncio.sleep(0)
    await caller.call("i")

    assert caller.came == "abcdfhi"


async def test_among_others_who_take_all_the_time_each_turn_has_one(caller):
    async def busy():
        for _turn in range(20):
            caller.now += 1
            await asyncio.sleep(0)

    await asyncio.gather(busy(), caller.call("a", 8), caller.call("b", 8))

    assert caller.came == "aaaa" + "ab" * 4 + "bbbb"


def test_a_turn_that_never_ended_is_not_that_of_the_next_loop(monkeypatch):
    monkeypatch.setattr(turns, "_SECONDS", 0)

    async def ask():
        return turns.is_over()

    for _loop in range(3):
        loop = asyncio.new_event_loop()
        assert loop.run_until_complete(ask()) is False
        loop.close()
