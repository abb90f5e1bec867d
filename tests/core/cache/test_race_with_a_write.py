"""A reader that began before a write cannot leave the old row behind, whatever it does afterwards."""

import pytest

from faceitbot.core.cache import configuration
from faceitbot.core.cache.protocol import Fetch, Load
from faceitbot.core.cache.registry import server_of
from tests.core.cache.world import ADDRESS, Process, World
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    return World(server_of(configuration.ALIASES[0]).client, UserFactory.create().pk, 1)


class Actor:
    """A generator that can be left in the middle and taken up again."""

    def __init__(self, world, process, steps):
        self.world, self.process, self.steps, self.answer = world, process, steps, None

    def run(self, until=None):
        """Do steps, up to and with one of that kind."""
        while True:
            try:
                step = self.steps.send(self.answer)
            except StopIteration:
                return self
            loading = isinstance(step, Load)
            self.answer = self.world.load() if loading else self.world.do(self.process, step)
            if until and isinstance(step, until):
                return self


@pytest.mark.parametrize("left_after", [Fetch, Load])
def test_a_slow_reader_cannot_put_the_old_row_back(world, left_after):
    slow, writer, other = Process(world), Process(world), Process(world)
    reader = Actor(world, slow, slow.read()).run(until=left_after)

    Actor(world, writer, writer.write()).run()
    reader.run()

    for process in (other, writer, slow):
        process.seen = 1  # the write has returned: whoever reads now must see it
        Actor(world, process, process.read()).run()
    assert world.went_back == []
    assert (world.reads, world.hits) == (4, 1 if left_after is Load else 3)


def test_control_a_plain_delete_leaves_the_old_row_for_all(world):
    """The same order of events, with a cache that writers only delete from."""
    name = ADDRESS.value
    assert world.client.get(name) is None
    loaded_before_the_write = world.load().payload

    world.commit()
    world.client.delete(name)
    world.client.set(name, loaded_before_the_write, ex=60)

    assert world.client.get(name) == b"0"
    assert world.load().payload == b"1"


def test_two_loads_that_differ_under_one_stamp_reveal_a_write_that_was_not_told(world):
    """The second one does not overwrite: which of them is newer nobody knows."""
    early, late, writer = Process(world), Process(world), Process(world)
    before = Actor(world, early, early.read()).run(until=Load)
    untold = writer.write()
    untold.send(None)  # committed; the process dies before it moves the stamp
    untold.close()

    Actor(world, late, late.read()).run()
    before.run()
    Actor(world, late, late.read()).run()

    assert late.seen == 1
    assert world.went_back == []
