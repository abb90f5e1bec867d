"""Every log line carries the correlation id of the call that caused it, also from pool threads."""

import asyncio
import logging
import threading

import pytest
import structlog

from faceitbot.core.correlation import correlation, correlation_id
from faceitbot.core.transactions import query
from users.repositories import UserRepository

log = structlog.get_logger("tests.correlation")


class Lines(logging.Handler):
    """Keeps the events that are logged."""

    def __init__(self):
        super().__init__()
        self.events = []

    def emit(self, record):
        self.events.append(record.msg)


@pytest.fixture
def lines():
    handler = Lines()
    logger = logging.getLogger("tests.correlation")
    logger.addHandler(handler)
    yield handler.events
    logger.removeHandler(handler)


class Chatty(UserRepository):
    """Logs from the thread that runs the body."""

    @query
    def talk(self, caller, number):
        log.info("body", caller=caller, number=number, thread=threading.current_thread().name)


@pytest.mark.django_db(transaction=True)
async def test_two_tasks_with_five_hundred_calls_never_mix_their_ids(lines):
    chatty = Chatty()

    async def task(caller):
        with correlation(caller):
            await asyncio.gather(*(chatty.talk(caller, number) for number in range(250)))
            log.info("task", caller=caller, thread=threading.current_thread().name)

    await asyncio.gather(task("update-1"), task("update-2"))

    assert len(lines) == 502
    assert [line for line in lines if line["correlation_id"] != line["caller"]] == []
    assert len({line["thread"] for line in lines if line["event"] == "body"}) > 1


@pytest.mark.django_db(transaction=True)
async def test_a_call_outside_of_anything_gets_an_id_of_its_own(lines):
    await asyncio.gather(*(Chatty().talk("nobody", number) for number in range(3)))

    assert len({line["correlation_id"] for line in lines}) == 3
    assert correlation_id() == ""


@pytest.mark.parametrize("wanted", [None, "", "with space", "x" * 65, "line\nbreak", "кириллица"])
def test_an_id_that_is_not_well_formed_is_replaced(wanted):
    with correlation(wanted) as chosen:
        assert chosen != wanted
        assert len(chosen) == 16
        assert correlation_id() == chosen
