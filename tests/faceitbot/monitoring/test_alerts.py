"""Each alert is raised by what it is about, and not before; each leads to a paragraph that is there."""

import re
from time import monotonic, time

import pytest
from psycopg_pool import ConnectionPool

from faceitbot.core.cache import counters
from faceitbot.core.cache.registry import counters_of, server_of
from faceitbot.core.errors import OutcomeUnknown, Unavailable
from faceitbot.core.health import registry
from faceitbot.core.health.checks import Finding, State, Verdict
from faceitbot.core.health.looking import look_at
from faceitbot.core.models import JobOutcome
from faceitbot.core.monitoring import calls, event_loops, queue
from faceitbot.core.monitoring.exposing import exposed
from faceitbot.core.monitoring.losses import note_lost
from faceitbot.core.monitoring.requests import note_request
from faceitbot.core.monitoring.states import LOOKED_AT, STATE, note_verdicts
from faceitbot.jobs import measures
from tests.faceitbot.monitoring import causes
from tests.faceitbot.monitoring.exposition import evaluate, names_of, read, rules
from tests.other_process import ROOT

METHOD = "UserRepository.touch"
UP = [("up", frozenset({("job", "faceitbot-web")}))]
PLAIN = {name: str(rule["expr"]) for rule in rules() if (name := rule["alert"])}


def look(expression, up=1.0):
    return {**read(exposed()[0].decode(), *names_of(expression)), **dict.fromkeys(UP, up)}


def seen(name, cause):
    """Give what makes something go wrong, and lets the watch find it by this check."""

    def produce(monkeypatch):
        cause(monkeypatch)
        note_verdicts(map(look_at, registry.checks(name)))

    return produce


def failed_call(error, times=1):
    for _time in range(times):
        with pytest.raises(type(error)), calls.Measured(METHOD):
            raise error


def slow_calls(monkeypatch):
    for _time in range(1000):
        times = iter([0.0, 0.8])
        monkeypatch.setattr(calls, "monotonic", lambda times=times: next(times))
        with calls.Measured(METHOD):
            pass


def no_thread():
    with pytest.raises(Unavailable), queue.Waiting():
        raise Unavailable("too many", reason="queue_full")


def a_loop_that_stands_still(monkeypatch):
    monkeypatch.setattr(event_loops.watch, "_asked_at", monotonic() - 1.0)


def no_connection(monkeypatch):
    monkeypatch.setattr(ConnectionPool, "get_stats", lambda _self: {"requests_errors": 10**6})


PRODUCED = {
    "ProcessDown": lambda _: None,  # Prometheus itself notes that; see `look`
    "NobodyLooks": lambda _: LOOKED_AT.set(time() - 90),
    "DatabaseDead": seen("database", causes.nobody_at_the_address),
    "TablesOfAnotherVersion": seen("migrations", causes.a_migration_that_was_not_run),
    "RedisDead": lambda patch: patch.setattr(server_of("stats_cache").state, "answers", False),
    "RedisFull": seen("cache_memory", causes.a_full_valkey),
    "JobsLate": seen("jobs", causes.jobs_that_nobody_does),
    "JobsFail": lambda _: [measures.note_run("prune_stats", JobOutcome.FAILED, 1.0) for _time in range(3)],
    "RollUpsLate": seen("roll_ups", causes.sums_that_lag),
    "ReviewsWaiting": seen("reviews", causes.a_payment_that_matches_nothing),
    "RefundsWaiting": seen("refunds", causes.a_refund_that_waits),
    "NoticesWaiting": seen("notices", causes.a_notice_that_no_bot_takes),
    "StarsNotRead": seen("reconciliation", causes.stars_that_nobody_reads),
    "DiskFull": seen("disk", causes.a_full_disk),
    "DataBroken": seen("integrity", causes.a_claim_that_does_not_hold),
    "EventLoopLag": a_loop_that_stands_still,
    "CallsRefused": lambda _: no_thread(),
    "CallsSlow": slow_calls,
    "PoolExhausted": no_connection,
    "Errors": lambda _: failed_call(OutcomeUnknown("lost")),
    "CallsUnavailable": lambda _: failed_call(Unavailable("away"), times=21),
    "PagesFail": lambda _: note_request("GET", 500, 0.1),
    "EventsLost": lambda _: note_lost("overload", 3),
    "ReadersMayBeStale": lambda _: counters_of("player_cache").add(counters.FAILED_MOVES),
}


@pytest.fixture(autouse=True)
def _all_is_well():
    """Begin with checks that are fine, counters of jobs at 0, and a loop that was in time."""
    note_verdicts(Verdict(check, Finding(State.FINE, "")) for check in registry.checks())
    measures.declare(["prune_stats"])
    event_loops.watch._lags.clear()
    yield
    STATE.clear()


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(PLAIN))
def test_an_alert_is_raised_by_what_it_is_about(name, monkeypatch):
    expression = PLAIN[name]
    before = look(expression)
    assert not evaluate(expression, before, before)

    PRODUCED[name](monkeypatch)
    after = look(expression, up=0.0)
    monkeypatch.undo()

    assert evaluate(expression, before, after)


def test_every_alert_has_its_cause_here():
    assert sorted(PLAIN) == sorted(PRODUCED)


def test_every_alert_leads_to_a_paragraph_that_is_there():
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    titles = re.findall(r"(?m)^#+ (.+)$", text)
    anchors = {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}

    for rule in rules():
        file, _hash, anchor = rule["annotations"]["runbook"].partition("#")
        assert file == "docs/operations.md"
        assert anchor in anchors, anchor
