"""What the rows that processes write of themselves tell the doctor."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from faceitbot.core import clock
from faceitbot.core.health import registry
from faceitbot.core.health.looking import look_at
from tests.factories import ProcessSampleFactory

pytestmark = pytest.mark.django_db
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
MIB = 1024 * 1024


def sample(kind, at, process=None, lag=1.0, mib=100, waiting=0):
    named = {"process": process} if process else {}
    return ProcessSampleFactory.create(
        at=at, kind=kind, event_loop_lag_ms=lag, memory_bytes=mib * MIB, waiting_calls=waiting, **named
    )


def verdict(name):
    (check,) = registry.checks(name)
    return look_at(check)


def found(name):
    told = verdict(name)
    return told.state.value, str(told.finding.sentence)


def test_who_has_never_been_is_not_missed():
    assert found("processes") == ("fine", "No process has told of itself yet.")
    sample("web", clock.now() - 5 * SECOND)

    assert found("processes") == ("fine", "Alive: web.")


@pytest.mark.parametrize("kind", ["bot", "jobs", "web"])
def test_a_kind_that_falls_silent_is_told_with_the_moment_and_the_unit(kind):
    now = clock.now()
    for other in {"bot", "jobs", "web"} - {kind}:
        sample(other, now - 5 * SECOND)
    sample(kind, now - 3 * HOUR)
    last = sample(kind, now - 2 * MINUTE)

    told = verdict("processes")

    assert (told.state.value, str(told.finding.sentence)) == ("down", f"Nothing is heard of: {kind}.")
    assert told.since == last.at
    assert told.next_step == f"systemctl status 'faceitbot-{kind}{'@*' if kind == 'web' else ''}'"


def test_a_process_that_another_has_replaced_is_not_missed():
    now = clock.now()
    sample("bot", now - 5 * MINUTE, "host:1")
    sample("bot", now - 5 * SECOND, "host:2")

    assert found("processes") == ("fine", "Alive: bot.")


def test_a_loop_that_is_late_all_the_time_is_told_since_it_was_in_time_last():
    now = clock.now()
    ages = [90, 80, 70, *range(55, 4, -10)]
    for age in ages:
        sample("bot", now - age * SECOND, "host:7", lag=2.0 if age == 80 else 1_300.0)
        sample("web", now - age * SECOND, "host:8", lag=1_300.0 if age == 5 else 3.0)

    told = verdict("event_loops")

    assert (told.state.value, str(told.finding.sentence)) == (
        "degraded",
        "The event loop of bot (host:7) is 1.3 s late, all the time.",
    )
    assert told.since == now - 70 * SECOND
    assert told.next_step == "top -H -p 7"


def test_a_loop_that_is_late_now_and_then_is_not_told():
    now = clock.now()
    for age in range(55, 4, -10):
        sample("bot", now - age * SECOND, lag=3_000.0 if age != 25 else 10.0)
    sample("jobs", now - 5 * SECOND, lag=3_000.0)  # it has just begun

    assert found("event_loops") == ("fine", "Event loops answer at once.")


def test_a_process_in_which_calls_wait_all_the_time_is_told_by_whoever_looks(settings):
    settings.TRANSACTION_THREADS = 16
    now = clock.now()
    for age in (75, 65, *range(55, 4, -10)):
        sample("bot", now - age * SECOND, "host:7", waiting=16 if age == 75 else 1_600 - age)
        sample("web", now - age * SECOND, "host:8", waiting=3_000 if age != 25 else 16)

    told = verdict("waiting_calls")

    assert (told.state.value, str(told.finding.sentence)) == (
        "degraded",
        "bot (host:7) has 1\u202f545 calls under way, all the time, and takes up 16 at once.",
    )
    assert told.since == now - 65 * SECOND


def test_calls_that_wait_now_and_then_are_not_told():
    sample("bot", clock.now() - 5 * SECOND, waiting=9_000)

    assert found("waiting_calls") == ("fine", "No calls wait for long.")


def grow(sizes, process="host:7"):
    now = clock.now()
    for hours, mib in enumerate(reversed(sizes)):
        sample("bot", now - hours * HOUR - 10 * SECOND, process, mib=mib)


def test_a_process_that_grows_hour_by_hour_is_told():
    grow([200, 240, 280, 320, 360, 400, 440])

    told = verdict("process_memory")

    assert (told.state.value, str(told.finding.sentence)) == (
        "degraded",
        "bot (host:7) has grown from 200 to 440 MiB within 6 h, and goes on.",
    )
    assert told.next_step == "systemctl restart faceitbot-bot"


@pytest.mark.parametrize(
    "sizes",
    [
        [200, 240, 280, 320, 360, 400],  # five hours
        [200, 400, 400, 400, 400, 400, 440],  # once, and a little now
        [200, 201, 202, 203, 204, 205, 206],
    ],
)
def test_other_growth_is_not_told(sizes):
    grow(sizes)

    assert found("process_memory") == ("fine", "No process takes more and more memory.")


@pytest.mark.django_db(transaction=True)
def test_the_doctor_says_since_when_what_works_and_what_to_do(capsys):
    sample("bot", clock.now() - 2 * MINUTE)

    with pytest.raises(SystemExit):
        call_command("doctor")

    told = capsys.readouterr().out
    assert "Nothing is heard of: bot." in told
    assert "without the bot, pages and jobs" in told
    assert "systemctl status 'faceitbot-bot'" in told
