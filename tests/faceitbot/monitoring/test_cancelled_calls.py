"""A caller who no longer waits is neither a failed call nor an error, whichever way the call goes."""

import asyncio
import threading
from functools import partial

import pytest

from faceitbot.core import workers
from faceitbot.core.attempts import Plan, run
from faceitbot.core.monitoring import calls, errors, queue
from tests.eventually import eventually_async
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

users = UserRepository()


@pytest.fixture(autouse=True)
def _no_errors_of_others():
    errors.take()
    yield
    errors.take()


def counted(method):
    """Give how many calls of the method have ended, by their outcome."""
    return {
        outcome: sum(counts) for (name, outcome), counts in calls.DURATIONS.counts().items() if name == method
    }


def since(before, method):
    return {
        outcome: number - before.get(outcome, 0)
        for outcome, number in counted(method).items()
        if number != before.get(outcome, 0)
    }


@pytest.mark.parametrize("name", ["get_user_with_subscription", "touch"])
async def test_a_caller_who_leaves_those_that_share_a_statement_is_no_error(name):
    await users.create_batch([{"telegram_id": 1}])
    call = getattr(users, name)
    before = counted(call.name)

    asked = asyncio.ensure_future(call(1))
    while not queue.under_way():  # noqa: ASYNC110 - a pause would let it have its answer
        await asyncio.sleep(0)
    asked.cancel()
    await asyncio.wait([asked])

    assert asked.cancelled()
    assert since(before, call.name) == {"cancelled": 1}
    assert errors.take() == []


async def test_control_a_body_in_a_thread_counts_as_it_ends_whoever_waits_for_it():
    method = users.touch.name
    before = counted(method)
    began, may_end = threading.Event(), threading.Event()

    def body():
        began.set()
        assert may_end.wait(10)

    asked = asyncio.ensure_future(workers.hop(partial(run, body, Plan(method))))
    await eventually_async(began.is_set)
    asked.cancel()
    await asyncio.wait([asked])
    assert since(before, method) == {}
    may_end.set()

    await eventually_async(lambda: since(before, method) == {"done": 1})
    assert errors.take() == []
