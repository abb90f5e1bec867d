"""A measurement ends at a wrong answer, and at a write that the server does not know of. No times."""

import pytest

from bench.results import Result, add_samples
from bench.rounds import Contender, Operation, Server, Target, measure


class Counting(Server):
    """A server with one number, which each statement raises."""

    def __init__(self) -> None:
        self.count = 0

    def statements(self) -> int:
        return self.count

    def number(self, _sql: str) -> int:
        return self.count

    async def write(self, number: int) -> int:
        self.count += 1
        return number

    async def forget(self, number: int) -> int:
        return number


def is_echo(number: int, answer: int) -> bool:
    return number == answer


async def neighbour(number: int) -> int:
    return number + 1


async def measured(operation: Operation, server: Server):
    return await measure(operation, tasks=5, rounds=3, seconds=0.001, server=server, most=20)


async def test_what_is_right_is_counted():
    server = Counting()
    contenders = [Contender("ours", server.write, is_echo), Contender("theirs", server.write, is_echo)]
    operation = Operation(
        "writing", "a write", contenders, [Target("ours", "theirs", 2, tasks=5)], total="it"
    )
    result = Result("writing", "a write")

    found = await measured(operation, server)
    add_samples(result, operation, 5, found)

    assert [(each.calls, len(each.rounds), each.median("statements")) for each in found.values()] == [
        (60, 3, 1.0)
    ] * 2
    assert [line[:2] for line in result.lines] == [["5", "ours"], ["5", "theirs"]]
    (ratio,) = result.ratios
    assert (ratio.rival, ratio.target, len(ratio.spread)) == ("theirs", 2, 3)


async def test_whoever_is_ours_is_judged_by_how_long_the_loop_stands_still_and_no_rival_is():
    server = Counting()
    contenders = [
        Contender("faceitbot", server.write, is_echo),
        Contender("another way", server.write, is_echo),
        Contender("theirs", server.write, is_echo, rival=True),
    ]
    operation = Operation("writing", "a write", contenders, tasks=(1, 5))
    result = Result("writing", "a write")

    found = await measured(operation, server)
    add_samples(result, operation, 1, found)
    add_samples(result, operation, 5, found)

    assert [(each.what, each.target, len(each.spread)) for each in result.ratios] == [
        ("a write, 5 tasks: the event loop stands still", 20, 3),
        ("a write: another way, 5 tasks: the event loop stands still", 20, 3),
    ]


async def test_a_wrong_answer_ends_the_measurement():
    operation = Operation("wrong", "", [Contender("neighbour", neighbour, is_echo)])

    with pytest.raises(AssertionError, match="neighbour: 20 wrong answers, the first 1"):
        await measured(operation, Counting())


async def test_a_write_that_the_server_does_not_know_of_ends_the_measurement():
    server = Counting()
    operation = Operation("lazy", "", [Contender("lazy", server.forget, is_echo)], total="it")

    with pytest.raises(AssertionError, match="lazy: 20 calls, and the database counts 0"):
        await measured(operation, server)
