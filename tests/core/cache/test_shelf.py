"""What a process keeps of what it has just read: for how long, how much, and what a write takes away."""

import threading

import pytest

from faceitbot.core.cache import shelf as shelf_module
from faceitbot.core.cache.keys import Key, address
from faceitbot.core.cache.shelf import SECONDS, Shelf

LATE = 10_000.0


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def shelf(clock):
    return Shelf(100_000, clock, clock, chance=lambda: 0.0)


def place(number=7, alias="player_cache"):
    return address(alias, "1", Key("users", "get_by_id", str(number)), f"id={number}")


def keep(shelf, payload=b"1", number=7, expires=LATE):
    shelf.keep(place(number), shelf.ask(), payload, expires)


def test_a_value_is_served_until_its_time_is_over(shelf, clock):
    asked = shelf.ask()
    clock.now += SECONDS / 2
    shelf.keep(place(), asked, b"1", LATE)

    assert shelf.find(place()) == b"1"
    clock.now += SECONDS / 2
    assert shelf.find(place()) is None


def test_what_was_read_at_one_moment_is_over_at_several(clock):
    shelf = Shelf(1_000_000, clock, clock)
    for number in range(1_000):
        keep(shelf, number=number)

    clock.now += SECONDS - 0.1
    assert 300 < shelf.held()["player_cache"].values < 700
    clock.now += 0.1
    assert shelf.held() == {}


def test_its_own_end_comes_first(shelf, clock):
    keep(shelf, expires=clock.now + 0.1)

    assert shelf.find(place()) == b"1"
    clock.now += 0.1
    assert shelf.find(place()) is None


@pytest.mark.parametrize("level", [0, 1, 2], ids=["row", "operation", "table"])
def test_a_write_takes_away_what_was_read_before_and_what_is_being_read(shelf, level):
    keep(shelf)
    early = shelf.ask()

    shelf.written(place().stamps[level : level + 1])

    assert shelf.find(place()) is None
    shelf.keep(place(), early, b"1", LATE)
    assert shelf.find(place()) is None
    keep(shelf, b"2")
    assert shelf.find(place()) == b"2"


def test_a_write_of_another_row_takes_nothing_away(shelf):
    keep(shelf)
    shelf.written(place(8).stamps[:1])
    assert shelf.find(place()) == b"1"


def test_writes_of_another_table_are_not_even_looked_at(shelf, monkeypatch):
    monkeypatch.setattr(shelf_module, "MOST_WRITES", 2)
    keep(shelf)
    for number in range(5):
        shelf.written(address("player_cache", "1", Key("cards", "get", str(number)), "id=7").stamps[:1])

    assert shelf.find(place()) == b"1"


def test_writes_that_are_forgotten_take_away_all_that_was_read_before(shelf, monkeypatch):
    monkeypatch.setattr(shelf_module, "MOST_WRITES", 2)
    keep(shelf)
    shelf.written(place().stamps[:1])
    shelf.written(place(8).stamps[:1])
    shelf.written(place(9).stamps[:1])

    assert shelf.find(place()) is None


def test_writes_are_forgotten_by_their_age(shelf, clock, monkeypatch):
    monkeypatch.setattr(shelf_module, "MOST_WRITES", 2)
    for number in range(20, 30):
        shelf.written(place(number).stamps[:1])
        clock.now += SECONDS / 2
    keep(shelf)
    early = shelf.ask()
    shelf.written(place(8).stamps[:1])

    # Neither what is there, nor what is being read, suffers from so many.
    assert shelf.find(place()) == b"1"
    shelf.keep(place(9), early, b"1", LATE)
    assert shelf.find(place(9)) == b"1"

    # Control: the write was not forgotten.
    shelf.keep(place(8), early, b"1", LATE)
    assert shelf.find(place(8)) is None


def test_a_write_is_remembered_while_anything_that_was_asked_before_may_be_kept(shelf, clock):
    early = shelf.ask()
    shelf.written(place().stamps[:1])
    clock.now += SECONDS * 0.99
    shelf.written(place(8).stamps[:1])

    shelf.keep(place(), early, b"1", LATE)
    assert shelf.find(place()) is None

    clock.now += SECONDS
    shelf.tidy()
    assert (shelf._writes, list(shelf._latest)) == ({}, [])


def test_nothing_is_kept_while_a_commit_may_still_come(shelf, clock):
    shelf.written(place().stamps[:1], unsure_seconds=5)

    keep(shelf)
    assert shelf.find(place()) is None
    clock.now += 5
    keep(shelf)
    assert shelf.find(place()) == b"1"


def test_of_two_reads_that_cross_each_other_and_differ_neither_stays(shelf):
    one, other, third = shelf.ask(), shelf.ask(), shelf.ask()
    shelf.keep(place(), one, b"2", LATE)
    shelf.keep(place(), other, b"1", LATE)
    assert shelf.find(place()) is None

    shelf.keep(place(), third, b"1", LATE)
    assert shelf.find(place()) is None
    keep(shelf, b"2")
    assert shelf.find(place()) == b"2"


def test_a_later_read_takes_the_place_of_an_earlier_one(shelf):
    keep(shelf, b"1")
    keep(shelf, b"2")
    assert shelf.find(place()) == b"2"


def test_what_is_shown_and_not_kept_takes_the_older_value_away(shelf):
    keep(shelf, b"1")
    keep(shelf, b"2" * 50_000)
    assert shelf.find(place()) is None


def test_room_and_number_are_bounded_and_who_reads_meanwhile_leaves_nothing(shelf, monkeypatch):
    early = shelf.ask()
    for number in range(1_000):
        keep(shelf, b"x" * 100, number)
    held = shelf.held()["player_cache"]
    assert 100 < held.values < 200
    assert held.size <= 100_000

    monkeypatch.setattr(shelf_module, "MOST_VALUES", 10)
    keep(shelf, number=2_000)
    assert shelf.held()["player_cache"].values == 10
    shelf.keep(place(1), early, b"old", LATE)
    assert shelf.find(place(1)) is None


def test_what_is_over_is_dropped_although_nobody_comes(shelf, clock):
    keep(shelf)
    clock.now += SECONDS
    shelf.tidy()
    assert (shelf._kept, shelf._bytes) == ({}, 0)


def test_switched_off_it_keeps_nothing(clock):
    off = Shelf(0, clock, clock)
    keep(off)
    assert off.find(place()) is None


def test_threads_never_see_an_own_write_undone(shelf):
    """One writes and reads its own back, the others leave whatever they have read."""
    version, wrong, done = [0], [], threading.Event()

    def read():
        while not done.is_set():
            asked, seen = shelf.ask(), version[0]
            shelf.keep(place(), asked, str(seen).encode(), LATE)

    readers = [threading.Thread(target=read) for _reader in range(3)]
    for reader in readers:
        reader.start()
    for number in range(1, 2_000):
        version[0] = number
        shelf.written(place().stamps[:1])
        found = shelf.find(place())
        if found is not None and int(found) < number:
            wrong.append((number, found))
    done.set()
    for reader in readers:
        reader.join()

    assert wrong == []
