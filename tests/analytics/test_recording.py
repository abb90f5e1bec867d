"""Metrics are recorded by hand, by `emit`, and for failures; what is no metric is refused."""

import asyncio
import json
import math
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from analytics.models import Metric, MetricType
from analytics.recording import record_failure
from analytics.repositories import AnalyticsRepository
from faceitbot.core import atomically
from faceitbot.core.errors import InvalidInput, UnknownField
from faceitbot.core.observability import emit
from faceitbot.core.statements import ways
from tests.threads import started

AT = datetime(2026, 6, 15, 12, 30, tzinfo=UTC)
SOMEBODY = UUID("4f1b0c9e-3a53-4bd1-9d6f-0f7a0b7a1c11")
analytics = AnalyticsRepository()


def stored():
    return list(Metric.objects.order_by("timestamp"))


async def test_a_metric_is_stored_as_it_was_given(both_ways):
    row = await analytics.record_metric("queue.length", 7, "gauge", {"tier": "pro"}, AT)

    assert await analytics.record_batch_metrics([]) == []
    assert (row.name, row.value, row.metric_type) == ("queue.length", 7.0, MetricType.GAUGE)
    assert (row.tags, row.timestamp, row.period) == ({"tier": "pro"}, AT, "")
    assert row.pk is not None


@pytest.mark.django_db(transaction=True)
async def test_metrics_of_concurrent_calls_share_a_statement_and_each_caller_gets_his_own():
    given = [("queue.length", number / 2, "gauge", {"n": str(number)}, AT) for number in range(100)]
    before = sum(ways.batch_sizes("record_together").values())

    rows = await asyncio.gather(*(analytics.record_metric(*each) for each in given))

    assert [(row.name, row.value, row.metric_type, row.tags, row.timestamp) for row in rows] == given
    assert {row.period for row in rows} == {""}
    assert await atomically(values_of) == sorted((row.pk, row.value, row.tags) for row in rows)
    assert sum(ways.batch_sizes("record_together").values()) - before < 10


def values_of():
    return list(Metric.objects.order_by("id").values_list("id", "value", "tags"))


@pytest.mark.django_db(transaction=True)
async def test_what_is_no_metric_fails_alone():
    found = await asyncio.gather(
        *(analytics.record_metric("pressed", value) for value in (1, math.nan, 2)), return_exceptions=True
    )

    assert [getattr(each, "value", type(each)) for each in found] == [1.0, InvalidInput, 2.0]


async def test_a_batch_is_stored_whole_and_in_order(both_ways):
    rows = await analytics.record_batch_metrics(
        [
            {"name": "match.analysed", "value": 1},
            {"name": "cpu", "value": 0.5, "type": "gauge", "tags": {}, "timestamp": AT, "period": "1m"},
        ]
    )

    assert [(row.name, row.value, row.metric_type, row.period) for row in rows] == [
        ("match.analysed", 1.0, "counter", ""),
        ("cpu", 0.5, "gauge", "1m"),
    ]
    assert rows[0].timestamp > AT
    assert rows[1].timestamp == AT


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"value": math.nan}, "value"),
        ({"value": math.inf}, "value"),
        ({"value": -math.inf}, "value"),
        ({"value": 10**400}, "value"),
        ({"value": True}, "value"),
        ({"value": "1"}, "value"),
        ({"value": None}, "value"),
        ({"name": ""}, "name"),
        ({"name": "two words"}, "name"),
        ({"name": "имя"}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": None}, "name"),
        ({"type": "timer"}, "metric_type"),
        ({"tags": {"tier": 1}}, "tags.tier"),
        ({"tags": {1: "tier"}}, "tags"),
        ({"tags": ["tier"]}, "tags"),
        ({"tags": {"tier": "x" * 257}}, "tags.tier"),
        ({"tags": {str(number): "" for number in range(21)}}, "tags"),
        ({"timestamp": datetime(2026, 6, 15)}, "timestamp"),
        ({"timestamp": "2026-06-15"}, "timestamp"),
        ({"timestamp": datetime.min.replace(tzinfo=UTC)}, "timestamp"),
        ({"timestamp": datetime.max.replace(tzinfo=UTC)}, "timestamp"),
        ({"period": "x" * 17}, "period"),
    ],
)
@pytest.mark.django_db
def test_what_is_no_metric_is_refused_by_name(wrong, field):
    good = {"name": "match.analysed", "value": 1.0}

    with pytest.raises(InvalidInput) as caught:
        analytics.record_batch_metrics.blocking([good, {**good, **wrong}])

    assert caught.value.context["field"] == field
    assert not Metric.objects.exists()


@pytest.mark.django_db
def test_a_key_that_metrics_do_not_have_is_refused():
    with pytest.raises(UnknownField, match="colour"):
        analytics.record_batch_metrics.blocking([{"name": "match.analysed", "value": 1, "colour": "red"}])

    assert not Metric.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_event_becomes_a_row_once_its_transaction_has_committed():
    with transaction.atomic():
        emit("thing.done", 2.5, {"tier": "pro"})
        assert not Metric.objects.exists()
    with transaction.atomic():
        emit("thing.undone")
        transaction.set_rollback(True)

    row = Metric.objects.get()
    assert (row.name, row.value, row.metric_type, row.tags) == (
        "thing.done",
        2.5,
        "counter",
        {"tier": "pro"},
    )


@pytest.mark.django_db(transaction=True)
def test_an_event_is_stored_as_it_was_reported_whatever_its_tags_hold():
    """Events are written by COPY, where a backslash and what JSON escapes have to survive twice."""
    tags = {"back\\slash": "\\N \\. \\t", 'quo"te': '"', "Имя": "Ёж 🦔", "empty": "", "{,}": "'$1'"}

    emit("thing.done", -1.5e-300, tags)
    by_hand = analytics.record_metric.blocking("thing.done", -1.5e-300, tags=tags)

    row = Metric.objects.exclude(pk=by_hand.pk).get()
    assert (row.value, row.tags, row.metric_type, row.period) == (-1.5e-300, tags, "counter", "")
    assert timedelta(0) < by_hand.timestamp - row.timestamp < timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
async def test_a_coroutine_and_a_thread_report_events_too():
    def report() -> None:
        emit("thing.done", 2.0)

    emit("thing.done")
    started(report).join()

    rows = await analytics.record_batch_metrics([{"name": "thing.done", "value": 3}])
    assert [row.value for row in await atomically(stored)] == [1.0, 2.0, rows[0].value]


@pytest.mark.django_db(transaction=True)
async def test_an_event_that_is_no_metric_hurts_nobody():
    emit("thing.done", math.nan)
    emit("thing.done")

    assert [row.value for row in await atomically(stored)] == [1.0]


@pytest.mark.django_db(transaction=True)
async def test_a_failure_is_counted_with_its_kind_and_user():
    await analytics.record_failure(SOMEBODY, "faceit")
    record_failure(SOMEBODY, "timeout")

    assert [(row.name, row.value, row.tags) for row in await atomically(stored)] == [
        ("request.failed", 1.0, {"user": str(SOMEBODY), "kind": "faceit"}),
        ("request.failed", 1.0, {"user": str(SOMEBODY), "kind": "timeout"}),
    ]


@pytest.mark.parametrize(
    ("user_id", "kind"), [(7, "faceit"), (None, "faceit"), (SOMEBODY, ""), (SOMEBODY, 7)]
)
@pytest.mark.django_db(transaction=True)
async def test_a_failure_of_nobody_or_without_a_kind_is_refused(user_id, kind):
    with pytest.raises(InvalidInput):
        await analytics.record_failure(user_id, kind)

    assert await atomically(stored) == []


async def test_old_metrics_go_and_the_others_stay(both_ways, monkeypatch):
    monkeypatch.setattr("analytics.repositories.pruning.BATCH", 2)
    ages = [timedelta(days=90, seconds=n) for n in (1, 2, 3, 4, 5)] + [timedelta(days=90), timedelta(0)]
    await analytics.record_batch_metrics(
        [{"name": "thing.done", "value": 1, "timestamp": AT - age} for age in ages]
    )

    assert await analytics.cleanup_old_metrics(dry_run=True, now=AT) == 5
    assert await analytics.cleanup_old_metrics(now=AT) == 5
    assert await analytics.cleanup_old_metrics(now=AT) == 0
    assert await analytics.cleanup_old_metrics(1, now=AT + timedelta(days=1)) == 1
    with pytest.raises(InvalidInput, match="days_old"):
        await analytics.cleanup_old_metrics(0)


@pytest.mark.django_db(transaction=True)
def test_the_command_prunes_and_says_how_many(capsys):
    emit("thing.done")
    Metric.objects.update(timestamp=AT - timedelta(days=1000))

    call_command("prune_metrics", "--dry-run")
    call_command("prune_metrics", "--days", "100")
    with pytest.raises(CommandError, match="days_old must be from 1"):
        call_command("prune_metrics", "--days", "0")

    assert capsys.readouterr().out == ("Dry run, nothing written: 1 metrics deleted.\n1 metrics deleted.\n")


@pytest.mark.django_db
def test_values_that_json_holds_are_read_back_as_they_were():
    """`emit` takes members of enums as texts, for repositories have them at hand."""
    row = analytics.record_metric.blocking("thing.done", 1, tags={"kind": MetricType.GAUGE})

    assert json.dumps(row.tags) == '{"kind": "gauge"}'
