"""Rows are written soon, in bounded batches, by somebody else; what is lost is bounded, counted and told."""

import subprocess
import sys
import threading
import time
from collections import Counter

import pytest
from django.db import InterfaceError

from analytics import write_behind
from analytics.write_behind import BATCH, WriteBehind
from faceitbot.core.errors import DatabaseUnavailable, InvalidInput
from tests.eventually import eventually


class Table:
    """What is written, by a database that may be away, too slow, or full."""

    def __init__(self, most_waiting=5_000):
        self.batches, self.error, self.calls = [], None, 0
        self.answers = threading.Event()
        self.answers.set()
        self.lost = Counter[str]()
        self.rows = WriteBehind(
            self._write, lambda reason, number: f"{number} lost: {reason}", most_waiting, self._note_lost
        )

    def _note_lost(self, reason, number):
        self.lost[reason] += number

    def _write(self, batch):
        self.calls += 1
        self.answers.wait(10)
        if self.error:
            raise self.error
        self.batches.append(list(batch))

    @property
    def written(self):
        return [row for batch in self.batches for row in batch]


@pytest.fixture
def table(monkeypatch):
    monkeypatch.setattr(write_behind, "RETRY_SECONDS", 0.02)
    table = Table()
    yield table
    table.error = None
    table.answers.set()
    table.rows.drain()


def test_a_single_row_is_written_soon_by_another_thread(table):
    table.rows.put("row")

    eventually(lambda: table.written == ["row"])


def test_many_rows_are_written_in_order_and_in_bounded_batches(table):
    for number in range(2_500):
        table.rows.put(number)
    table.rows.drain()

    assert table.written == list(range(2_500))
    assert max(map(len, table.batches)) <= BATCH


def test_draining_writes_what_waits_and_ends_the_thread_and_the_next_row_begins_another(table):
    table.rows.put("first")
    table.rows.drain()
    assert table.written == ["first"]
    assert not [each for each in threading.enumerate() if each.name == "faceitbot-metrics"]

    table.rows.drain()
    table.rows.put("second")
    table.rows.drain()

    assert table.written == ["first", "second"]


def test_what_does_not_fit_is_dropped_counted_and_told_once_rows_are_written_again(table):
    table.answers.clear()
    table.rows.put("in hand")
    eventually(lambda: table.calls == 1)
    for number in range(6_000):
        table.rows.put(number)
    table.answers.set()
    table.rows.drain()

    told = [row for row in table.written if "lost" in str(row)]
    assert told == ["1000 lost: overload"]
    assert table.lost == {"overload": 1000}
    assert [row for row in table.written if row not in told] == ["in hand", *range(5_000)]


def test_rows_wait_for_a_database_that_is_away_and_none_is_lost(table):
    table.error = DatabaseUnavailable("away")
    for number in range(10):
        table.rows.put(number)
    eventually(lambda: table.calls > 2)
    table.error = None
    table.rows.drain()

    assert table.written == list(range(10))


def test_a_full_disk_loses_metrics_at_once_and_what_was_lost_is_told_later(table):
    table.error = DatabaseUnavailable("no room")
    table.error.code = "disk_full"
    for number in range(10):
        table.rows.put(number)
    eventually(lambda: table.calls > 1)
    assert table.lost == {"database": 10}, "who reads the counters learns of it at once"
    table.error = None
    table.rows.drain()

    assert table.written == ["10 lost: database"]
    assert table.lost == {"database": 10}


def test_a_batch_that_is_refused_does_not_stop_those_behind_it(table):
    table.error = InvalidInput("refused")
    table.rows.put("bad")
    eventually(lambda: table.calls)
    table.error = None
    table.rows.put("good")
    table.rows.drain()

    assert sorted(table.written) == ["1 lost: database", "good"]


@pytest.mark.parametrize("error", [InterfaceError("closed"), RuntimeError("bug"), MemoryError()])
def test_an_error_that_nobody_foresaw_costs_its_batch_which_is_counted(table, error, caplog):
    table.error = error
    table.rows.put("bad")
    eventually(lambda: table.lost == {"database": 1})
    thread = table.rows._thread
    table.error = None
    table.rows.put("good")
    table.rows.drain()

    assert not thread.is_alive()
    assert sorted(table.written) == ["1 lost: database", "good"]
    assert "Traceback" in caplog.text
    assert type(error).__name__ in caplog.text


def test_a_forked_process_writes_its_own_rows_and_no_others():
    """It is made while another thread holds the lock, and a batch is in hand."""
    script = (
        "import os, threading\n"
        "from analytics.write_behind import WriteBehind\n"
        "answers, written = threading.Event(), []\n"
        "def write(batch):\n"
        "    answers.wait(10)\n"
        "    written.extend(batch)\n"
        "rows = WriteBehind(write, lambda reason, number: number, 5_000, print)\n"
        "rows.put('first')\n"
        "rows.put('second')\n"
        "with rows._changed:\n"
        "    child = os.fork()\n"
        "    if not child:\n"
        "        answers.set()\n"
        "        threading.Thread(target=rows.put, args=['of the child']).start()\n"
        "        while not written:\n"
        "            rows.drain()\n"
        "        os._exit(written != ['of the child'])\n"
        "answers.set()\n"
        "print(os.waitpid(child, 0)[1])\n"
        "rows.drain()\n"
        "print(written)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False
    )

    assert ended.stdout == "0\n['first', 'second']\n"


def test_the_end_of_the_process_does_not_wait_for_ever(table, monkeypatch, caplog):
    monkeypatch.setattr(write_behind, "DRAIN_SECONDS", 0.2)
    table.error = DatabaseUnavailable("away")
    for number in range(2_345):
        table.rows.put(number)
    began = time.monotonic()
    table.rows.drain()

    assert time.monotonic() - began < 5
    assert table.written == []
    assert "'database': 2345" in caplog.text
    assert "metrics.lost_at_the_end" in caplog.text
