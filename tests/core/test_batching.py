"""Concurrent requests run together; each caller gets his own answer, and his own fate."""

import asyncio

import pytest

from faceitbot.core.batching import Batcher
from faceitbot.core.errors import Unavailable


class Doubling:
    """Runs batches that double numbers, once the gate is open; remembers them."""

    def __init__(self, **options):
        self.batches, self.gate = [], asyncio.Event()
        self.batcher = Batcher(self.run, **{"waiting": 100} | options)

    async def run(self, requests):
        self.batches.append(list(requests))
        await self.gate.wait()
        if 99 in requests:
            raise LookupError("ninety-nine")
        return [2 * number for number in requests]

    def ask(self, numbers):
        return [asyncio.ensure_future(self.batcher.ask(number)) for number in numbers]


async def tick():
    for _turn in range(5):
        await asyncio.sleep(0)


async def test_a_single_request_runs_at_once_in_its_callers_task():
    tasks = []

    async def run(requests):
        tasks.append(asyncio.current_task())
        return requests

    assert await Batcher(run, waiting=100).ask("x") == "x"
    assert tasks == [asyncio.current_task()]


async def test_what_comes_meanwhile_is_run_together_in_order():
    doubling = Doubling(in_flight=2)
    answers = doubling.ask(range(20))
    await tick()
    assert doubling.batches == [[0], list(range(1, 20))]
    answers += doubling.ask(range(20, 30))
    await tick()

    doubling.gate.set()

    assert await asyncio.gather(*answers) == [2 * number for number in range(30)]
    assert doubling.batches[2:] == [list(range(20, 30))]


async def test_callers_who_ask_again_and_again_stay_together():
    sizes = []

    async def run(requests):
        sizes.append(len(requests))
        await tick()
        return requests

    batcher = Batcher(run, waiting=100)

    async def caller(number):
        for _call in range(20):
            assert await batcher.ask(number) == number

    await asyncio.gather(*(caller(number) for number in range(40)))
    await batcher.drain()

    assert sum(sizes) == 800
    assert len(sizes) <= 20 * 2


async def test_a_batch_has_a_largest_size():
    doubling = Doubling(in_flight=1, largest=10)
    answers = doubling.ask(range(25))
    await tick()
    doubling.gate.set()

    assert await asyncio.gather(*answers) == [2 * number for number in range(25)]
    assert [len(batch) for batch in doubling.batches] == [1, 10, 10, 4]


async def test_a_failed_batch_fails_for_its_callers_only():
    doubling = Doubling(in_flight=1, largest=3)
    answers = doubling.ask([1, 12, 99, 14, 15])
    await tick()
    doubling.gate.set()

    found = await asyncio.gather(*answers, return_exceptions=True)

    assert [type(answer) for answer in found] == [int, LookupError, LookupError, LookupError, int]
    assert await doubling.batcher.ask(5) == 10


async def test_who_is_cancelled_while_he_waits_is_not_run_and_takes_nobody_along():
    doubling = Doubling(in_flight=1)
    answers = doubling.ask([1, 2, 3])
    await tick()

    answers[1].cancel()
    await tick()
    doubling.gate.set()

    assert [await answers[0], await answers[2]] == [2, 6]
    assert doubling.batches == [[1], [3]]


async def test_who_is_cancelled_in_the_turn_in_which_his_batch_is_due_is_not_run():
    doubling = Doubling()
    answers = doubling.ask([1, 2, 3])
    await asyncio.sleep(0)
    assert doubling.batches == [[1]]

    answers[1].cancel()
    await tick()
    doubling.gate.set()

    assert [await answers[0], await answers[2]] == [2, 6]
    assert doubling.batches == [[1], [3]]


async def test_when_all_have_gone_no_batch_is_run():
    doubling = Doubling()
    answers = doubling.ask([1, 2, 3])
    await asyncio.sleep(0)
    for answer in answers[1:]:
        answer.cancel()
    await tick()
    doubling.gate.set()

    assert await answers[0] == 2
    await doubling.batcher.drain()
    assert doubling.batches == [[1]]


async def test_a_batch_of_several_weighs_no_more_than_the_largest_one_alone_may():
    doubling = Doubling(in_flight=1, largest=10, weight=lambda number: number)
    answers = doubling.ask([1, 4, 5, 3, 50, 2])
    await tick()
    doubling.gate.set()

    await asyncio.gather(*answers)

    assert doubling.batches == [[1], [4, 5], [3], [50], [2]]


async def test_who_is_cancelled_while_he_runs_lets_the_next_ones_run():
    doubling = Doubling(in_flight=1)
    answers = doubling.ask([1, 2, 3])
    await tick()

    answers[0].cancel()
    await tick()
    doubling.gate.set()

    assert [await answers[1], await answers[2]] == [4, 6]


async def test_more_than_a_bounded_number_do_not_wait():
    doubling = Doubling(in_flight=1, waiting=2)
    answers = doubling.ask([1, 2, 3])
    await tick()

    with pytest.raises(Unavailable, match="2 calls are waiting"):
        await doubling.batcher.ask(4)
    doubling.gate.set()

    assert await asyncio.gather(*answers) == [2, 4, 6]


async def test_who_has_waited_too_long_is_refused_and_not_run():
    """And while what he waits for is still under way: it may never end."""
    doubling = Doubling(in_flight=1, patience=0.05)
    first, *others = doubling.ask([1, 2, 3])

    found = await asyncio.gather(*others, return_exceptions=True)

    assert [error.context for error in found] == [{"reason": "deadline"}] * 2
    doubling.gate.set()
    assert await first == 2
    [late] = doubling.ask([4])
    assert await late == 8  # the time of each is his own
    assert doubling.batches == [[1], [4]]


async def test_who_comes_later_may_wait_for_longer():
    doubling = Doubling(in_flight=1, patience=0.2)
    _first, early = doubling.ask([1, 2])
    await asyncio.sleep(0.1)
    [late] = doubling.ask([3])

    with pytest.raises(Unavailable):
        await early

    assert not late.done()
    with pytest.raises(Unavailable):
        await late
    doubling.gate.set()


async def test_who_has_gone_leaves_his_place_to_others():
    doubling = Doubling(in_flight=1, waiting=3)
    first, *gone = doubling.ask([1, 2, 3, 4])
    await tick()
    for answer in gone:
        answer.cancel()
    await tick()

    others = doubling.ask([5, 6, 7, 8])
    await tick()
    doubling.gate.set()

    with pytest.raises(Unavailable, match="3 calls are waiting already"):
        await others[3]
    assert await asyncio.gather(first, *others[:3]) == [2, 10, 12, 14]
    assert doubling.batches == [[1], [5, 6, 7]]


class Peculiar(Exception):
    """Cannot be copied."""

    def __init__(self, text, *, number):
        super().__init__(text)
        self.number = number


async def test_an_error_that_cannot_be_copied_is_told_to_everybody():
    error = Peculiar("odd", number=7)

    async def run(_requests):
        await asyncio.sleep(0)
        raise error

    batcher = Batcher(run, waiting=100)

    found = await asyncio.gather(*(batcher.ask(number) for number in range(5)), return_exceptions=True)

    assert found == [error] * 5


async def test_who_waits_behind_a_failure_of_the_other_side_is_told_at_once():
    doubling = Doubling(in_flight=1, largest=2, is_everybodys=lambda _error: True)
    answers = doubling.ask([99, 2, 3, 4, 5])
    await tick()
    doubling.gate.set()

    found = await asyncio.gather(*answers, return_exceptions=True)

    assert [type(answer) for answer in found] == [LookupError] * 5
    assert doubling.batches == [[99]]
    assert await doubling.batcher.ask(5) == 10


async def test_draining_waits_for_batches_whose_callers_have_gone():
    doubling = Doubling(in_flight=1)
    answers = doubling.ask([1, 2])
    await tick()
    doubling.gate.set()
    await answers[0]
    await asyncio.sleep(0)
    answers[1].cancel()

    await doubling.batcher.drain()

    assert doubling.batches == [[1], [2]]
    assert doubling.batcher._running == 0


async def test_draining_waits_for_a_request_that_runs_in_its_callers_task():
    doubling = Doubling()
    [answer] = doubling.ask([1])
    await tick()
    draining = asyncio.ensure_future(doubling.batcher.drain())
    await tick()
    assert not draining.done()

    doubling.gate.set()
    await draining

    assert await answer == 2


async def test_when_answers_are_missing_nobody_waits_for_ever():
    gate = asyncio.Event()

    async def run(requests):
        await gate.wait()
        return [requests[0]]

    batcher = Batcher(run, waiting=100, in_flight=1)
    answers = [asyncio.ensure_future(batcher.ask(number)) for number in range(4)]
    await tick()
    gate.set()

    found = await asyncio.gather(*answers, return_exceptions=True)

    assert found[0] == 0
    assert [type(answer) for answer in found[1:]] == [ValueError] * 3
