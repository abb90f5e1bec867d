"""Events of a bot that serves: none is lost when it ends in good order, what is lost otherwise is told."""

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from analytics.metric_rows import line_of, metric_row
from analytics.models import Metric
from analytics.recording import MetricWriter, waiting
from faceitbot.core.observability import emit
from tests.database_faults import administrator, frozen, own_servers
from tests.eventually import eventually
from tests.other_process import environment

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def bot(variables=None, **more):
    """Start a bot, and end it in good order."""
    command = [sys.executable, str(Path(__file__).with_name("metrics_worker.py"))]
    with subprocess.Popen(
        command,
        env={**(variables or environment()), "METRICS_IMMEDIATE": "false", **more},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        assert process.stdout.readline() == "ready\n"
        yield process
        process.stdin.close()
        assert process.wait(60) == 0


def ask(process, command):
    process.stdin.write(command + "\n")
    return json.loads(process.stdout.readline())


def done():
    return Metric.objects.filter(name="thing.done").count()


def lost():
    return Metric.objects.filter(name="metric.lost").aggregate(lost=Sum("value", default=0))["lost"]


@pytest.mark.proof("metrics")
def test_nothing_is_lost_of_what_a_bot_reports_while_it_serves(full_size, report):
    """On a machine that has other work the loop stands still without us, too: the control says how long."""
    number, allowed = (200_000, 50) if full_size else (5_000, 1_000)

    with bot() as process:
        control = ask(process, f"control {number}")["stall_ms"]
        told = ask(process, f"serve {number}")

    report(
        f"{number} events beside {told['requests']} requests in {told['seconds']:.1f} s: {done()} written;"
        f" the loop stood still for {told['stall_ms']} ms at most, for {control} ms while nobody records"
    )
    assert (done(), lost()) == (number, 0)
    assert told["stall_ms"] < control + allowed


@pytest.mark.proof("metrics")
def test_what_comes_faster_than_it_can_be_written_is_dropped_and_told(full_size, report):
    """A lock on the table holds up whoever writes; the bot goes on."""
    number = 200_000 if full_size else 10_000
    with bot(METRICS_MOST_WAITING="2000") as process:
        eventually(Metric.objects.exists)
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE metrics IN EXCLUSIVE MODE")
            told = ask(process, f"burst {number}")

    report(f"{number} events within {told['seconds']} s, nobody writes: {done()} written, {lost():.0f} told")
    assert done() + lost() == number
    # Those that waited, with a few of the bot's own among them, and those in the hand of the writer.
    assert 2_000 - 100 <= done() <= 2_000 + 1_000
    assert told["seconds"] < 20


@pytest.mark.proof("metrics")
@pytest.mark.alone
def test_a_database_that_freezes_and_breaks_off_costs_no_more_than_there_is_room(full_size, report):
    if not full_size:
        pytest.skip("needs servers of its own; python3 dev.py prove metrics")
    number, room = 100_000, 20_000
    with own_servers() as variables, administrator(variables) as database:
        with bot(variables, METRICS_MOST_WAITING=str(room)) as process:
            for _ in range(2):
                with frozen(variables):
                    ask(process, f"burst {number // 2}")
                database.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'faceitbot'"
                )
        sums = "SELECT coalesce(sum(value), 0) FROM metrics WHERE name = %s"
        written, told = (
            database.execute(sums, [name]).fetchone()[0] for name in ("thing.done", "metric.lost")
        )

    report(f"{number} events, frozen twice, connections ended twice: {written:.0f} written, {told:.0f} told")
    assert written + told == number
    assert written >= room


@pytest.fixture
def writes_behind(settings):
    settings.METRICS_IMMEDIATE = False
    yield
    waiting.drain()


def test_close_writes_what_waits(writes_behind):
    for _ in range(1_500):
        emit("thing.done")
    waiting.drain()

    assert done() == 1_500


def test_the_end_of_the_web_server_writes_what_waits():
    """The server is played by a script: it says that it begins, and that it ends."""
    script = (
        "import asyncio\n"
        "from asgiref.testing import ApplicationCommunicator\n"
        "from faceitbot.asgi import application\n"
        "from faceitbot.core.observability import emit\n"
        "async def main():\n"
        "    server = ApplicationCommunicator(application, {'type': 'lifespan'})\n"
        "    await server.send_input({'type': 'lifespan.startup'})\n"
        "    print((await server.receive_output(10))['type'])\n"
        "    for _ in range(1_500):\n"
        "        emit('thing.done')\n"
        "    await server.send_input({'type': 'lifespan.shutdown'})\n"
        "    print((await server.receive_output(10))['type'])\n"
        "asyncio.run(main())\n"
    )
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        env={**environment(), "METRICS_IMMEDIATE": "false"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (ended.stderr, ended.stdout) == ("", "lifespan.startup.complete\nlifespan.shutdown.complete\n")
    assert (done(), lost()) == (1_500, 0)


@pytest.mark.parametrize(
    "end", ["", "sys.exit(2)", "raise KeyboardInterrupt"], ids=["by itself", "by an exit code", "by Ctrl-C"]
)
def test_a_script_that_closes_nothing_loses_nothing(end):
    """The interpreter writes what waits when it ends."""
    script = (
        "import sys, faceitbot\n"
        "faceitbot.setup()\n"
        "from faceitbot.core.observability import emit\n"
        "for _ in range(1_500):\n"
        "    emit('thing.done')\n"
    )
    subprocess.run(
        [sys.executable, "-W", "error", "-c", script + end],
        env={**environment(), "METRICS_IMMEDIATE": "false"},
        stderr=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )

    assert (done(), lost()) == (1_500, 0)


@pytest.fixture
def first_commit_fails():
    """Let the server end the connection of whoever is the first to commit a metric."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE commits")
        cursor.execute(
            "CREATE FUNCTION end_first() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF nextval('commits') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;"
            " RETURN NULL; END $$"
        )
        cursor.execute(
            "CREATE CONSTRAINT TRIGGER ended AFTER INSERT ON metrics DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION end_first()"
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION end_first CASCADE")
        cursor.execute("DROP SEQUENCE commits")


def test_a_batch_whose_commit_was_cut_off_is_written_once(writes_behind, first_commit_fails):
    for _ in range(50):
        emit("thing.done")
    waiting.drain()

    assert (done(), lost()) == (50, 0)


def test_a_batch_that_was_committed_unheard_is_not_written_again():
    """The reply to COMMIT is lost: the writer is given the same batch again."""
    writer, rows = MetricWriter(), [line_of(metric_row("thing.done", 1.0))]
    writer.write(rows)
    writer._in_doubt = rows

    writer.write(rows)
    assert done() == 1
    writer.write(list(rows))
    assert done() == 2
