"""Calls that wait for nobody let the event loop go on."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from math import inf
from typing import Any

import pytest

from faceitbot.core import atomically, turns
from faceitbot.core.turns import give_way, turn
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


async def test_everybody_comes_at_last(monkeypatch):
    monkeypatch.setattr(turns, "_SECONDS", 0)
    came = []

    async def call(number):
        if turn.is_over():
            await give_way()
        came.append(number)

    await asyncio.gather(*(call(number) for number in range(50)))

    assert came == [*range(50)]


def test_a_turn_that_never_ended_is_not_that_of_the_next_loop(monkeypatch):
    monkeypatch.setattr(turns, "_SECONDS", 0)

    async def ask():
        return turn.is_over()

    for _loop in range(3):
        loop = asyncio.new_event_loop()
        assert loop.run_until_complete(ask()) is False
        loop.close()
