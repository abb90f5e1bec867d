"""An order that is paid twice at the same moment, by two charges, is granted once."""

import pytest
from django.db import connection

from faceitbot.core.integrity import invariants
from subscriptions.models import Grant, Payment
from tests.subscriptions.money.processes import finish, notices_of, start

pytestmark = pytest.mark.django_db(transaction=True)
ORDERS = 60


def pay_each_twice(*options):
    """Pay each order by two charges; what a process has next to each other, it records at the same time."""
    notices = notices_of(ORDERS, ORDERS)
    pairs = [pair for first in notices for pair in (first, [*first[:3], f"{first[3]}-again"])]
    workers = [start(part, *options) for part in (pairs[:ORDERS], pairs[ORDERS:])]
    for worker in workers:
        finish(worker)


def test_one_of_two_charges_is_granted_and_the_other_waits_for_a_person():
    pay_each_twice()

    assert Grant.objects.count() == Payment.objects.filter(status="completed").count() == ORDERS
    others = Payment.objects.exclude(status="completed").values_list("status", "review_reason").distinct()
    assert list(others) == [("needs_review", "already_paid")]
    assert Payment.objects.count() == 2 * ORDERS
    assert {found.name for found in invariants() if list(found.find())} == set()


def test_without_the_locks_the_database_refuses_to_pay_an_order_twice():
    pay_each_twice("unlocked")

    assert Grant.objects.count() == ORDERS


def test_control_without_both_orders_are_granted_twice():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders DISABLE TRIGGER orders_facts")
    try:
        pay_each_twice("unlocked")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE orders ENABLE TRIGGER orders_facts")

    assert Grant.objects.count() > ORDERS
