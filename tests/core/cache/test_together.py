"""Several values at once, by the protocol's own steps: nobody is shown an old row that way either."""

import pytest

from faceitbot.core.cache import configuration
from faceitbot.core.cache.entry import Entry
from faceitbot.core.cache.keys import Key, address
from faceitbot.core.cache.protocol import Fetch, Load, Loaded, Run, RunEach, find, mint, refill
from faceitbot.core.cache.registry import server_of
from faceitbot.core.cache.state import CacheUnavailable
from faceitbot.core.cache.together import together
from tests.core.cache.world import ADDRESS, POLICY, Process, World
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

OTHER = address("interleaving", "1", Key("users", "get_by_id", "8"), "id=8")
BOTH = (ADDRESS, OTHER)


@pytest.fixture
def world():
    return World(server_of(configuration.ALIASES[0]).client, UserFactory.create().pk, 1)


class Reader:
    """Reads both values step by step; the row is the first one, the other never changes."""

    def __init__(self, world, process):
        self.world, self.process = world, process
        self.steps, self.answer, self.missed = self.read(process.state), None, {}
        self.kinds, self.seen = [], None

    def read(self, state):
        """Read both values as `read_many` does; give what was seen."""
        found = yield from together([find(each, state) for each in BOTH])
        seen = [each.payload if isinstance(each, Entry) else None for each in found]
        self.missed = {n: miss for n, miss in enumerate(found) if not isinstance(miss, Entry)}
        stamps = yield from together([mint(BOTH[n], miss, state) for n, miss in self.missed.items()])
        parts = [refill(BOTH[n], stamp, POLICY, state) for n, stamp in zip(self.missed, stamps, strict=True)]
        for n, loaded in zip(self.missed, (yield from together(parts)), strict=True):
            seen[n] = loaded.payload
        return seen

    def run(self, until=None, fail=None):
        while True:
            try:
                failed = isinstance(self.answer, CacheUnavailable)
                step = self.steps.throw(self.answer) if failed else self.steps.send(self.answer)
            except StopIteration as end:
                self.seen = end.value
                return self
            self.kinds.append(type(step))
            self.answer = CacheUnavailable("lost") if fail and isinstance(step, fail) else self.do(step)
            if until and isinstance(step, until):
                return self

    def do(self, step):
        if isinstance(step, Load):
            return [Loaded(b"8") if n else self.world.load() for n in self.missed]
        if isinstance(step, RunEach):
            return [self.world.do(self.process, run) for run in step.runs]
        return self.world.do(self.process, step)


def write(world, process):
    for step in (steps := process.write()):
        answer = world.do(process, step)
        try:
            steps.send(answer)
        except StopIteration:
            break


def test_all_look_then_all_mint_then_all_load_then_all_store(world):
    process = Process(world)

    cold = Reader(world, process).run()
    warm = Reader(world, process).run()

    assert cold.kinds == [Fetch, RunEach, Load, RunEach]
    assert warm.kinds == [Fetch]
    assert cold.seen == warm.seen == [b"0", b"8"]


@pytest.mark.parametrize("left_after", [Fetch, Load])
def test_a_slow_reader_of_both_cannot_put_the_old_row_back(world, left_after):
    slow, writer = Process(world), Process(world)
    reader = Reader(world, slow).run(until=left_after)

    write(world, writer)
    reader.run()

    assert Reader(world, Process(world)).run().seen == [b"1", b"8"]
    assert Reader(world, slow).run().seen == [b"1", b"8"]


def test_a_stamp_that_is_minted_after_the_load_would_let_the_old_row_stay(world):
    """Control: the order that `together` keeps, broken: the other value's load comes before the mint."""
    slow, writer = Process(world), Process(world)
    missed = run(world, slow, find(ADDRESS, slow.state))
    loaded_too_early = world.load()

    write(world, writer)
    stamps = run(world, slow, mint(ADDRESS, missed, slow.state))
    run(world, slow, refill(ADDRESS, stamps, POLICY, slow.state), loaded_too_early)

    entry = run(world, writer, find(ADDRESS, writer.state))
    assert entry.payload == b"0"
    assert world.load().payload == b"1"


@pytest.mark.parametrize("lost", [Fetch, RunEach])
def test_both_are_read_when_redis_does_not_answer(world, lost):
    process = Process(world)

    assert Reader(world, process).run(fail=lost).seen == [b"0", b"8"]
    assert process.state.doubts.suspicion(ADDRESS.scope) is not None

    write(world, Process(world))
    assert Reader(world, process).run().seen == [b"1", b"8"]


def test_one_that_fails_does_not_keep_the_others_waiting():
    def part(number):
        try:
            yield Run((("DEL", number),))
            answer = yield Fetch((f"name {number}", f"stamp {number}"))
        except CacheUnavailable:
            return f"{number} failed"
        return answer

    def quick():
        return "quick"
        yield

    steps = together([part(1), quick(), part(2)])
    assert steps.send(None) == RunEach((Run((("DEL", 1),)), Run((("DEL", 2),))))
    assert steps.send([1, 1]) == Fetch(("name 1", "stamp 1", "name 2", "stamp 2"))
    with pytest.raises(StopIteration) as ended:
        steps.send([b"a", b"b", b"c", b"d"])
    assert ended.value.value == [[b"a", b"b"], "quick", [b"c", b"d"]]

    steps = together([part(1), part(2)])
    steps.send(None)
    with pytest.raises(StopIteration) as ended:
        steps.throw(CacheUnavailable("away"))
    assert ended.value.value == ["1 failed", "2 failed"]


def run(world, process, steps, loaded=None):
    answer = None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as end:
            return end.value
        answer = loaded if isinstance(step, Load) else world.do(process, step)
