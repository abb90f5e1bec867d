"""The audit log: in words, found by who, what and when, and rewritten by nobody."""

from datetime import timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from faceitbot.core import append_only, audit, clock
from faceitbot.core.models import AuditEntry
from faceitbot.core.readable import changes_of
from subscriptions.models import PlanPrice, UserSubscription
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from tests.factories import StaffFactory, UserFactory
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
LOG = reverse("admin:core_auditentry_changelist")
access, users = SubscriptionRepository(), UserRepository()


@pytest.fixture
def anna():
    return StaffFactory.create(username="anna")


def found(page, **query):
    return [entry.action for entry in page.get(LOG, query).context["cl"].result_list]


def write(action="user.blocked", **values):
    return AuditEntry.objects.create(
        **{"action": action, "object_label": "users.user", "object_id": "1", **values}
    )


def test_an_entry_says_in_words_what_changed(anna):
    user = users.create_user.blocking(7)
    access.grant_access.blocking(user.pk, "premium", 5, actor=anna, reason="outage", request_id="1")

    entry = AuditEntry.objects.get(object_label="subscriptions.usersubscription")

    until = UserSubscription.objects.get(user=user).expires_at.strftime("%d.%m.%Y")
    tier, ends = changes_of(entry)
    assert tier == ("Tier", "Free", "Premium")
    assert (ends.label, ends.before) == ("Until", "—")
    assert ends.after.startswith(until)


def test_yes_and_no_are_words(anna):
    price = PlanPrice.objects.first()
    PaymentRepository().set_on_sale.blocking(price.pk, False, actor=anna, reason="prices change")

    (entry,) = audit.history(price)

    assert changes_of(entry) == [("On sale", "yes", "no")]


def test_the_page_of_an_object_shows_who_did_what_why_and_how_it_was(page, anna):
    price = PlanPrice.objects.first()
    PaymentRepository().set_on_sale.blocking(price.pk, False, actor=anna, reason="prices change")

    text = page.get(reverse("admin:subscriptions_planprice_change", args=[price.pk])).text

    for part in (
        "anna",
        "Plan taken off sale",
        "prices change",
        ">yes</span> → ",
        'title="plan.taken_off_sale"',
    ):
        assert part in text, part


def test_an_entry_leads_to_its_object(page, anna):
    user = UserFactory.create(telegram_id=7)
    users.block_users.blocking([7], actor=anna, reason="spam")
    entry = AuditEntry.objects.get()

    texts = [page.get(LOG).text, page.get(reverse("admin:core_auditentry_change", args=[entry.pk])).text]

    address = reverse("admin:users_user_change", args=[user.pk])
    assert all(f'href="{address}"' in text for text in texts)


def test_an_entry_about_a_thing_of_former_days_is_shown(page):
    write("prize.drawn", object_label="lottery.prize", after={"winner": "7"})

    text = page.get(LOG).text

    assert "prize.drawn" in text
    assert "lottery.prize" in text


def test_the_log_is_filtered_by_who_what_and_to_what(page, staff, anna):
    write("user.blocked", actor=anna)
    write("user.unblocked", actor=staff)
    write("payment.completed", object_label="subscriptions.payment")

    assert found(page, who=str(anna.pk)) == ["user.blocked"]
    assert found(page, who="system") == ["payment.completed"]
    assert found(page, what="user.unblocked") == ["user.unblocked"]
    assert found(page, thing="subscriptions.payment") == ["payment.completed"]
    assert found(page, who=str(anna.pk), what="user.unblocked") == []
    for nonsense in ({"who": "x"}, {"who": "9" * 30}, {"what": "x"}, {"thing": "x"}, {"period": "x"}):
        assert page.get(LOG, nonsense).status_code == 200


def test_periods_are_days_of_the_bot(page):
    midnight = clock.start_of_day(clock.today())
    moments = {
        "today": midnight,
        "last night": midnight - timedelta(seconds=1),
        "yesterday": clock.start_of_day(clock.today() - timedelta(days=1)),
        "long ago": midnight - timedelta(days=40),
    }
    for name, at in moments.items():
        write(name, at=at)

    assert found(page, period="today") == ["today"]
    assert found(page, period="yesterday") == ["last night", "yesterday"]
    assert found(page, period="week") == ["today", "last night", "yesterday"]
    assert found(page, period="quarter") == ["today", "last night", "yesterday", "long ago"]


FILTERS = {"actor_id": 1, "action": "user.blocked", "object_label": "users.user"}


@pytest.mark.parametrize("column", FILTERS)
def test_each_filter_is_served_by_an_index(column):
    """Among many entries, the newest of one kind are read in order, without a sort and without the others."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_entries (at, action, object_label, object_id, reason, before, after,"
            " correlation_id) SELECT now() - n * interval '1 minute', 'a' || n % 50, 'b' || n % 50, n::text,"
            " '', '{}', '{}', '' FROM generate_series(1, 20000) AS n"
        )
        cursor.execute("ANALYZE audit_entries")

    plan = AuditEntry.objects.filter(**{column: FILTERS[column]})[:50].explain()

    name = {"actor_id": "actor", "action": "action", "object_label": "kind"}[column]
    assert f"audit_entries_{name}_idx" in plan
    assert "Sort" not in plan


# ---- Nobody rewrites it


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET reason = 'better'",
        "UPDATE audit_entries SET actor_id = NULL, at = now()",
        "UPDATE audit_entries SET before = '{}', after = '{\"x\": 1}'",
        "DELETE FROM audit_entries",
    ],
)
def test_the_database_refuses_to_rewrite_an_entry(anna, statement):
    write(actor=anna, reason="as it was")
    before = list(AuditEntry.objects.values())

    with pytest.raises(DatabaseError, match="append-only"):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    assert list(AuditEntry.objects.values()) == before


def test_a_reason_goes_while_somebody_is_erased_and_at_no_other_time():
    """Control: the trigger lets through what erasing needs, so it is the trigger that refuses the rest."""
    write(reason="as it was")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.update(reason="(erased)")
    assert AuditEntry.objects.get().reason == "as it was"

    append_only.begin_erasing(write(append_only.ERASURE))
    AuditEntry.objects.exclude(action=append_only.ERASURE).update(reason="(erased)")

    assert set(AuditEntry.objects.values_list("action", "reason")) == {
        ("user.blocked", "(erased)"),
        (append_only.ERASURE, ""),
    }


def test_the_database_refuses_to_empty_the_log():
    """In a database that is not a test's: those are emptied between tests."""
    database = settings.DATABASES["default"]
    name = "truncate_of_the_log"
    where = {"host": database["HOST"], "port": database["PORT"], "user": database["USER"]}
    where["password"] = database["PASSWORD"]
    with psycopg.connect(**where, dbname="postgres", autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name}")
        server.execute(f"CREATE DATABASE {name}")
        try:
            with psycopg.connect(**where, dbname=name, autocommit=True) as other:
                other.execute("CREATE TABLE audit_entries (reason text)")
                other.execute("INSERT INTO audit_entries VALUES ('as it was')")
                operations = (
                    append_only.make_append_only("audit_entries"),
                    append_only.let_erase("audit_entries", {"reason": "(erased)"}),
                )
                for operation in operations:
                    for statement in operation.sql:
                        other.execute(statement)
                with pytest.raises(psycopg.errors.CheckViolation, match="TRUNCATE on audit_entries"):
                    other.execute("TRUNCATE audit_entries")
                assert other.execute("SELECT count(*) FROM audit_entries").fetchone() == (1,)
        finally:
            server.execute(f"DROP DATABASE {name}")


def test_the_log_has_no_page_that_changes_it(page):
    entry = write()
    change = reverse("admin:core_auditentry_change", args=[entry.pk])

    assert page.get(reverse("admin:core_auditentry_add")).status_code == 403
    assert page.post(change, {"reason": "better"}).status_code == 403
    assert page.post(reverse("admin:core_auditentry_delete", args=[entry.pk])).status_code == 403
