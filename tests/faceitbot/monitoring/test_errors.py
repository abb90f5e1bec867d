"""Errors are grouped by method and class, survive an outage, and are told of once an hour."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection, connections
from structlog.testing import capture_logs

from faceitbot.core import clock
from faceitbot.core.cache.registry import server_of
from faceitbot.core.correlation import correlation
from faceitbot.core.errors import DatabaseUnavailable, OutcomeUnknown, Refused, Unavailable
from faceitbot.core.models import ErrorGroup
from faceitbot.core.monitoring import error_rows, errors, watching
from faceitbot.core.monitoring.calls import Measured
from faceitbot.core.monitoring.floods import Flood
from faceitbot.monitoring import mails, sentry
from tests.threads import giving_back

METHOD = "UserMethods.invented"


@pytest.fixture(autouse=True)
def _no_errors_of_others():
    errors.take()
    mails._told.clear()
    yield
    errors.take()


def fail(error, method="UserRepository.touch", correlation_id="c1"):
    with correlation(correlation_id), pytest.raises(type(error)), Measured(method):
        raise error


def test_an_error_is_noted_once_where_it_was_met_first():
    with pytest.raises(KeyError), Measured("UserRepository.touch"), Measured("UserRepository.create_user"):
        raise KeyError("nothing")

    assert [(group.method, group.error_class, group.count) for group in errors.take()] == [
        ("UserRepository.create_user", "KeyError", 1)
    ]


def test_a_rule_that_says_no_is_no_error():
    fail(Refused("no"))

    assert errors.take() == []


def test_slow_and_failed_calls_are_logged_with_their_correlation_id(settings):
    settings.SLOW_CALL_MILLISECONDS = 0
    with capture_logs(processors=[_with_id]) as lines:
        fail(Unavailable("away"), correlation_id="update-7")

    assert {(line["event"], line["call"], line["correlation_id"]) for line in lines} == {
        ("call.slow", "UserRepository.touch", "update-7"),
        ("call.failed", "UserRepository.touch", "update-7"),
    }


def test_an_outage_floods_no_log_and_every_call_is_counted(monkeypatch):
    with capture_logs() as lines:
        for _call in range(200):
            fail(DatabaseUnavailable("away"))
        fail(DatabaseUnavailable("away"), "UserRepository.create_user")
        errors.tell_of_the_rest()
        monkeypatch.setattr("faceitbot.core.monitoring.floods.EVERY_SECONDS", 0.0)
        errors.tell_of_the_rest()

    assert [(line["event"], line["call"], line.get("left_out")) for line in lines] == [
        ("call.failed", "UserRepository.touch", None),
        ("call.failed", "UserRepository.create_user", None),
        ("calls.failed", "UserRepository.touch", 199),
    ]
    assert sorted(group.count for group in errors.take()) == [1, 200]


def _with_id(logger, method, event):
    from faceitbot.core.logs import add_correlation_id  # noqa: PLC0415 - beside what uses it

    return add_correlation_id(logger, method, event)


def test_there_are_only_so_many_groups():
    for number in range(errors.MOST_GROUPS + 50):
        errors.note(f"method {number}", ValueError())

    groups = errors.take()
    assert len(groups) == errors.MOST_GROUPS + 1
    assert [group.count for group in groups if group.method == "other"] == [50]


@pytest.mark.django_db(transaction=True)
def test_rows_add_up_what_several_processes_have_met():
    fail(DatabaseUnavailable("away"), correlation_id="first")
    fail(DatabaseUnavailable("away"), correlation_id="second")
    error_rows.write_errors()
    fail(DatabaseUnavailable("away"), correlation_id="third")
    error_rows.write_errors()

    row = ErrorGroup.objects.get()
    assert (row.method, row.error_class, row.count) == ("UserRepository.touch", "DatabaseUnavailable", 3)
    assert row.last_correlation_id == "third"
    assert row.first_seen < row.last_seen


@pytest.mark.django_db(transaction=True)
def test_what_could_not_be_written_comes_again(monkeypatch):
    def away(_body, _plan):
        raise DatabaseUnavailable("away")

    fail(OutcomeUnknown("lost"))
    with monkeypatch.context() as patch:
        patch.setattr(error_rows, "run", away)
        assert len(error_rows.write_errors()) == 1
    assert not ErrorGroup.objects.exists()
    fail(OutcomeUnknown("lost"))
    error_rows.write_errors()

    assert ErrorGroup.objects.get().count == 2


def rename(table, name):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO {name}")


@pytest.mark.django_db(transaction=True)
def test_without_the_table_nothing_is_lost_and_readers_are_told(administrator, monkeypatch):
    """Before `migrate`, and after somebody's mistake: the database says something that is no outage."""
    monkeypatch.setattr(error_rows, "_flood", Flood())
    fail(KeyError("gone"))
    rename("error_groups", "error_groups_away")
    try:
        with capture_logs() as lines:
            watching.write_what_was_met([mails.tell])
            watching.write_what_was_met([mails.tell])
    finally:
        rename("error_groups_away", "error_groups")

    assert [line["event"] for line in lines].count("errors.unwritten") == 1, "no flood"
    assert [sent.subject for sent in mail.outbox] == ["[faceitbot] Error: KeyError"]
    watching.write_what_was_met()
    assert ErrorGroup.objects.get(error_class="KeyError").count == 1


@pytest.mark.django_db
def test_groups_that_nobody_meets_go(monkeypatch):
    now = clock.now()
    monkeypatch.setattr(error_rows, "MOST_ROWS", 2)
    for number, days in enumerate((100, 3, 2, 1)):
        at = now - timedelta(days=days)
        ErrorGroup.objects.create(method=str(number), error_class="E", count=1, first_seen=at, last_seen=at)

    assert error_rows.prune_errors(now) == 2
    assert set(ErrorGroup.objects.values_list("method", flat=True)) == {"2", "3"}


@pytest.fixture
def administrator(settings):
    settings.ADMINS = [("operator", "operator@example.com")]
    server_of("stats_cache").client.delete(
        *[mails._KEY + name for name in ("DatabaseUnavailable", "KeyError")]
    )


@pytest.mark.django_db(transaction=True)
def test_a_class_is_told_of_once_an_hour(administrator):
    now = clock.now()

    def meet(at, method="UserRepository.touch"):
        fail(DatabaseUnavailable("away"), method)
        mails.tell(error_rows.write_errors(), at)
        return len(mail.outbox)

    assert meet(now) == 1
    assert meet(now + timedelta(minutes=1), "UserRepository.create_user") == 1
    mails._told.clear()  # another process
    assert meet(now + timedelta(minutes=59)) == 1
    server_of("stats_cache").client.delete(mails._KEY + "DatabaseUnavailable")  # its hour is over there, too
    assert meet(now + timedelta(minutes=61)) == 2
    assert "DatabaseUnavailable" in mail.outbox[0].subject
    assert "UserRepository.touch" in mail.outbox[0].body
    assert "c1" in mail.outbox[0].body


@pytest.mark.django_db(transaction=True)
def test_an_outage_of_the_database_is_told_of_all_the_same(administrator, monkeypatch):
    def away(*_all):
        raise DatabaseUnavailable("away")

    monkeypatch.setattr(mails, "claim_mail", away)
    fail(DatabaseUnavailable("away"))
    met = errors.take()

    mails.tell(met)
    mails._told.clear()  # another process, which Redis keeps from telling again
    mails.tell(met)

    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_processes_one_may_tell():
    at = clock.now()
    ErrorGroup.objects.create(method=METHOD, error_class="KeyError", count=1, first_seen=at, last_seen=at)
    assert sum(_together(lambda: error_rows.claim_mail("KeyError", mails.EVERY, at))) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_more_than_one_would(monkeypatch):
    """Control: the same claim, looked up first and written afterwards."""
    at = clock.now()
    ErrorGroup.objects.create(method=METHOD, error_class="KeyError", count=1, first_seen=at, last_seen=at)
    monkeypatch.setattr(error_rows, "_LOCK", "SELECT pg_sleep(0.0) WHERE %s <> ''")
    real = ErrorGroup.objects.filter(error_class="KeyError").update

    def slowly(*_all, **columns):
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.3)")
        return real(**columns)

    monkeypatch.setattr("django.db.models.query.QuerySet.update", slowly)
    assert sum(_together(lambda: error_rows.claim_mail("KeyError", mails.EVERY, at))) > 1


def _together(call, times=4):
    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(lambda _number: giving_back(call)(), range(times)))


def test_sentry_gets_the_error_with_its_call_and_nothing_personal(settings):
    sdk = pytest.importorskip("sentry_sdk")
    sent = []

    class Transport(sdk.transport.Transport):  # type: ignore[name-defined]
        def capture_envelope(self, envelope):
            sent.append(envelope.get_event())

    settings.SENTRY_DSN = "https://key@sentry.example.com/1"
    before = list(errors._listeners)
    assert sentry.connect(transport=Transport)
    try:
        nickname = "s1mple"  # a local variable, which must not be sent
        assert nickname
        fail(KeyError("gone"), correlation_id="update-9")
    finally:
        errors._listeners[:] = before
        sdk.init()

    (event,) = sent
    assert event["tags"] == {"method": "UserRepository.touch", "correlation_id": "update-9"}
    assert event["exception"]["values"][0]["type"] == "KeyError"
    assert "s1mple" not in str(event)


def test_without_a_dsn_nothing_is_sent():
    before = list(errors._listeners)

    assert not sentry.connect()
    assert errors._listeners == before
