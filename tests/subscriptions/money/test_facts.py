"""What the database itself refuses, whoever asks: raw SQL on committed rows."""

import re
import uuid

import pytest
from django.db import IntegrityError, connection, transaction

from subscriptions.models import Grant, Order, Payment, PaymentStatus
from subscriptions.payments.states import TRANSITIONS
from subscriptions.repositories import PaymentRepository
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

repository = PaymentRepository()
KEPT = "payments_facts"


@pytest.fixture
def paid():
    user = UserRepository().create_user.blocking(7)
    order = repository.create_order.blocking(user.pk, "premium")
    return repository.record_successful_payment.blocking(7, order.payload, "XTR", 199, "charge-1").payment


def refused(statement, *values):
    """Run a statement that must fail; give the constraint that it broke."""
    with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    return error.value.__cause__.diag.constraint_name


def rows():
    return [list(model.objects.order_by("pk").values()) for model in (Payment, Order, Grant)]


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE payments SET amount = 1", KEPT),
        ("UPDATE payments SET tier = 'pro'", KEPT),
        ("UPDATE payments SET user_id = NULL", KEPT),
        ("UPDATE payments SET telegram_payment_charge_id = 'another'", KEPT),
        ("UPDATE payments SET received_amount = 1", KEPT),
        ("UPDATE payments SET completed_at = now()", KEPT),
        ("UPDATE payments SET provider_payment_charge_id = 'late'", KEPT),
        ("UPDATE payments SET payer_telegram_id = NULL", KEPT),  # not before thirty days have passed
        ("DELETE FROM payments", KEPT),
        ("UPDATE payments SET status = 'pending'", "payments_transition"),
        ("UPDATE payments SET status = 'refunded'", "payments_refunded_has_a_moment"),
        ("UPDATE payments SET refund_attempts = -1", "payments_refund_attempts_range"),
        ("UPDATE orders SET stars = 1", "orders_facts"),
        ("UPDATE orders SET payload = 'another'", "orders_facts"),
        ("UPDATE orders SET state = 'open', paid_at = NULL", "orders_facts"),
        ("DELETE FROM orders", "orders_facts"),
        ("UPDATE grants SET payment_id = NULL", "grants_facts"),
        ("UPDATE grants SET duration = '1 year'", "grants_facts"),
    ],
)
def test_facts_of_money_stay_as_they_are(paid, statement, constraint):
    before = rows()

    assert refused(statement) == constraint
    assert rows() == before


def test_a_charge_is_there_once_and_gives_one_grant(paid):
    copy = 'INSERT INTO {0} SELECT (jsonb_populate_record({0}, \'{{"id": "{1}"}}\')).* FROM {0}'

    charge = refused(copy.format("payments", uuid.uuid4()))
    grant = refused(copy.format("grants", uuid.uuid4()))

    assert charge == "payments_telegram_payment_charge_id_unique"
    assert grant == "grants_payment_id_key"


def test_money_that_was_paid_for_an_order_is_never_orphaned(paid):
    assert refused("DELETE FROM users WHERE telegram_id = 7").endswith("_fk_users_id")


ILLEGAL = [
    (old.value, new.value)
    for old in PaymentStatus
    for new in PaymentStatus
    if old != new and new not in TRANSITIONS[old]
]


@pytest.mark.parametrize(("old", "new"), ILLEGAL)
def test_a_status_moves_only_as_the_rules_say(old, new):
    """On a copy of the trigger's table without its constraints, so that nothing else refuses."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE moved ON COMMIT DROP AS SELECT * FROM payments;"
            "CREATE TRIGGER moved_facts BEFORE UPDATE ON moved FOR EACH ROW"
            " EXECUTE FUNCTION payments_keep_facts()"
        )
        cursor.execute("INSERT INTO moved (status) VALUES (%s)", [old])
        assert refused("UPDATE moved SET status = %s", new) == "payments_transition"
        cursor.execute("SELECT status FROM moved")
        assert cursor.fetchall() == [(old,)]


def test_the_databases_list_of_transitions_is_that_of_the_code():
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'payments_keep_facts'")
        (source,) = cursor.fetchone()

    found = set(re.findall(r"'(\w+)>(\w+)'", source))

    assert found == {(old, new) for old, news in TRANSITIONS.items() for new in news}


def test_what_was_received_is_forgotten_after_thirty_days_and_nothing_else(paid):
    order = repository.create_order.blocking(paid.user_id, "premium")
    long_ago = order.created_at.replace(year=order.created_at.year - 1)
    repository.record_successful_payment.blocking(7, order.payload, "XTR", 199, "old", now=long_ago)
    forget = "UPDATE payments SET {} WHERE telegram_payment_charge_id = 'old'"

    with connection.cursor() as cursor:
        cursor.execute(forget.format("payer_telegram_id = NULL, received_payload = '', received_odd = ''"))

    assert Payment.objects.filter(payer_telegram_id=None, received_payload="").count() == 1
    assert refused(forget.format("payer_telegram_id = 8")) == KEPT
    assert refused(forget.format("received_amount = NULL")) == KEPT
