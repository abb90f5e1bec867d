"""Until when a value is served: its row's own end, and hot ones renewed before their time is over."""

import uuid
from datetime import timedelta
from typing import ClassVar

import pytest
from django.db import models
from django.test.utils import isolate_apps

from faceitbot.core import clock
from faceitbot.core.cache import Caching, awaiting, cache_match_data, cache_row
from faceitbot.core.cache.link import close_links
from faceitbot.core.ids import row_id
from faceitbot.core.transactions import query, transactional
from tests.core.cache.counted import counted
from tests.eventually import eventually, eventually_async

pytestmark = pytest.mark.django_db(transaction=True)

with isolate_apps("users"):

    class Ticket(models.Model):
        """A row with an end of its own; it has no table, the repository below makes it up."""

        id = models.UUIDField(primary_key=True, default=uuid.uuid4)
        expires_at = models.DateTimeField(null=True)

        class Meta:
            app_label = "users"
            db_table = "tickets"

        def __str__(self) -> str:
            return f"ticket {self.id}"


class Tickets(Caching):
    """Gives tickets that end at a given moment, and counts how often it was asked."""

    model = Ticket
    loads: ClassVar[list[uuid.UUID]] = []
    ends: ClassVar[list[object]] = []

    @cache_match_data(ttl=60, by="id", clean=row_id)
    @query
    def get_by_id(self, id: uuid.UUID) -> Ticket | None:
        """Give the ticket."""
        self.loads.append(id)
        return Ticket(id=id, expires_at=self.ends[0])

    @cache_match_data(by="id", clean=row_id)
    @query
    def get_pair(self, id: uuid.UUID) -> list[Ticket]:
        """Give two tickets, of which the second ends first."""
        self.loads.append(id)
        return [Ticket(id=id, expires_at=None), Ticket(id=id, expires_at=self.ends[0])]

    @cache_match_data(ttl=60)
    @query
    def get_figures(self) -> dict[str, int]:
        """Give how often this was asked."""
        self.loads.append(uuid.uuid4())
        return {"loads": len(self.loads)}

    @cache_row(by="id", clean=row_id)
    @query
    def get_uncached(self, id: uuid.UUID) -> Ticket | None:
        """Give the ticket; this repository has no alias of its own."""
        self.loads.append(id)
        return Ticket(id=id)


@pytest.fixture
def tickets():
    Tickets.loads.clear()
    Tickets.ends[:] = [None]
    return Tickets()


@pytest.mark.parametrize("operation", ["get_by_id", "get_pair"])
def test_a_row_is_not_served_after_its_own_end(tickets, operation):
    read, key = getattr(tickets, operation).blocking, uuid.uuid4()
    end = clock.now() + timedelta(seconds=0.5)
    tickets.ends[:] = [end]
    read(key)
    read(key)
    assert len(tickets.loads) == 1

    def loaded_again():
        read(key)
        return len(tickets.loads) == 2

    eventually(loaded_again, within=5)

    assert clock.now() >= end


def test_a_row_whose_end_has_passed_is_not_kept(tickets):
    key = uuid.uuid4()
    tickets.ends[:] = [clock.now() - timedelta(seconds=1)]

    tickets.get_by_id.blocking(key)
    tickets.get_by_id.blocking(key)

    assert len(tickets.loads) == 2


async def test_a_hot_value_is_renewed_before_its_end_and_nobody_waits(tickets, monkeypatch):
    await tickets.get_figures()
    monkeypatch.setattr(awaiting, "random", lambda: 1.0)
    monkeypatch.setattr(awaiting, "_REFRESH_SHARE", 1.0)  # the end is near from the beginning

    with counted("match_cache") as counts:
        assert await tickets.get_figures() == {"loads": 1}
        monkeypatch.undo()
        await eventually_async(lambda: len(tickets.loads) == 2)
        await close_links()  # waits for what is under way
        assert await tickets.get_figures() == {"loads": 2}

    assert counts == {"hits": 2, "refreshed": 1}


async def test_a_value_in_its_youth_is_left_alone(tickets):
    key = uuid.uuid4()
    for _read in range(50):
        await tickets.get_by_id(key)

    assert len(tickets.loads) == 1


async def test_a_repository_without_an_alias_reads_the_database_each_time(tickets):
    key = uuid.uuid4()
    for _read in range(3):
        await tickets.get_uncached(key)

    assert len(tickets.loads) == 3


def test_a_method_that_may_write_cannot_be_cached():
    with pytest.raises(TypeError, match="cannot be cached"):

        @cache_match_data()
        @transactional()
        def write(self: object) -> int:
            return 1
