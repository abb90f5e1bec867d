"""What a process exposes is what Prometheus accepts: names by its rules, few series, counters from 0 on."""

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from faceitbot.core.monitoring import calls
from faceitbot.core.monitoring.database import measured
from faceitbot.core.monitoring.exposing import exposed
from faceitbot.core.monitoring.requests import note_request
from faceitbot.core.observability import emit
from faceitbot.monitoring.events import count
from subscriptions.repositories import SubscriptionRepository
from tests.faceitbot.monitoring.exposition import read
from tests.factories import UserFactory

UNITS = ("_seconds", "_bytes")
MOST_SERIES = 6_000
LABELS = {
    "method",
    "outcome",
    "statement",
    "reason",
    "alias",
    "way",
    "result",
    "event",
    "decision",
    "status",
    "version",
}
LABELS |= {"check", "state", "name", "le"}


def families():
    text, content_type = exposed()
    assert content_type.startswith("text/plain")
    return [
        each for each in text_string_to_metric_families(text.decode()) if each.name.startswith("faceitbot_")
    ]


def value(name, **labels):
    return read(exposed()[0].decode(), name).get((name, frozenset(labels.items())))


def test_names_and_help_follow_the_rules_of_prometheus():
    for family in families():
        assert re.fullmatch(r"faceitbot_[a-z0-9]+(_[a-z0-9]+)*", family.name)
        assert family.documentation.endswith(".") or "; 0:" in family.documentation, family.name
        if family.type == "histogram":
            assert family.name.endswith(UNITS)
        if family.type == "counter":
            assert all(sample.name.endswith("_total") for sample in family.samples)
        assert not re.search(r"_(ms|milliseconds|count|kb|mb)$", family.name)


def test_labels_are_few_and_known():
    text = exposed()[0].decode()
    for family in families():
        for sample in family.samples:
            assert set(sample.labels) <= LABELS, sample
    assert len(read(text)) < MOST_SERIES


def test_whatever_comes_in_makes_no_new_series():
    """Names from outside: an HTTP method, a status, an event, a function of a bot, a strange statement."""
    with calls.Measured("bot_of_somebody.<locals>.<lambda>"):
        pass
    note_request("BREW", 799, 0.1)
    measured(lambda *_all: None, "VACUUM", None, False, {})
    before = set(read(exposed()[0].decode()))

    for number in range(50):
        with calls.Measured(f"function_{number}"):
            pass
        note_request(f"METHOD{number}", 700 + number, 0.1)
        measured(lambda *_all: None, f"word{number} x", None, False, {})

    assert set(read(exposed()[0].decode())) == before


@pytest.mark.django_db
def test_an_event_that_nobody_knows_makes_no_new_series(django_capture_on_commit_callbacks):
    before = value("faceitbot_events_total", event="other")

    with django_capture_on_commit_callbacks(execute=True):
        emit("something.invented", 1.0)

    assert value("faceitbot_events_total", event="something.invented") is None
    assert value("faceitbot_events_total", event="other") == before + 1


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        (
            "faceitbot_repository_calls_total",
            {"method": "RefundMethods.mark_refunded", "outcome": "failed"},
        ),
        ("faceitbot_repository_calls_total", {"method": "UserRepository.touch", "outcome": "unknown"}),
        ("faceitbot_payments_total", {"outcome": "needs_review"}),
        ("faceitbot_limit_decisions_total", {"decision": "blocked"}),
        ("faceitbot_queue_refused_total", {"reason": "shutting_down"}),
        ("faceitbot_transaction_retries_total", {"reason": "reconnected"}),
        ("faceitbot_cache_reads_total", {"alias": "match_cache", "result": "undecodable"}),
        ("faceitbot_http_requests_total", {"method": "other", "status": "1xx"}),
        ("faceitbot_database_query_errors_total", {"statement": "delete"}),
    ],
)
def test_a_counter_is_there_before_it_has_counted(name, labels):
    """Else its first count would be no increase."""
    assert value(name, **labels) is not None


@pytest.mark.django_db
def test_what_a_request_decides_is_counted_after_the_commit(django_capture_on_commit_callbacks):
    user = UserFactory.create()
    before = value("faceitbot_limit_decisions_total", decision="admitted")
    calls_before = value(
        "faceitbot_repository_calls_total", method="RequestMethods.consume_request", outcome="done"
    )

    with django_capture_on_commit_callbacks(execute=True):
        assert SubscriptionRepository().consume_request.blocking(user.pk).allowed
        assert value("faceitbot_limit_decisions_total", decision="admitted") == before

    assert value("faceitbot_limit_decisions_total", decision="admitted") == before + 1
    assert (
        value("faceitbot_repository_calls_total", method="RequestMethods.consume_request", outcome="done")
        == calls_before + 1
    )


def test_money_is_counted_by_what_became_of_it():
    payments = value("faceitbot_payments_total", outcome="completed")
    stars = value("faceitbot_payment_stars_total", outcome="completed")

    count("payment.completed", 199.0, {})

    assert value("faceitbot_payments_total", outcome="completed") == payments + 1
    assert value("faceitbot_payment_stars_total", outcome="completed") == stars + 199
