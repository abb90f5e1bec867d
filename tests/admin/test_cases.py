"""Cases: what staff write down for a buyer, once, and on record as opened or added to."""

from itertools import count

import pytest
from django.db import connection
from django.urls import reverse

from faceitbot.core.models import AuditEntry
from subscriptions.models import PaymentCase
from subscriptions.repositories import PaymentRepository
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
money = PaymentRepository()
OPEN = reverse("admin:subscriptions_paymentcase_open_case")


@pytest.fixture
def user():
    user = UserFactory.create(telegram_id=5)
    for charge_id in ("stx1", "stx2"):
        money.record_successful_payment.blocking(5, "nobody sold this", "XTR", 199, charge_id)
    return user


def logged():
    entries = AuditEntry.objects.filter(action__startswith="payment_case").order_by("pk")
    return [(entry.action, entry.before, entry.after) for entry in entries]


def test_a_case_is_opened_once_and_then_added_to(page, user):
    for charge_id, said in (("stx1", "nothing came"), ("stx2", "the other one"), ("", "hurry")):
        page.post(OPEN, {"telegram_id": "5", "charge_id": charge_id, "reason": said})

    assert logged() == [
        ("payment_case.opened", {}, {"kind": "complaint", "charge_id": "stx1"}),
        ("payment_case.added_to", {"charge_id": "stx1"}, {"charge_id": "stx2"}),
        ("payment_case.added_to", {}, {}),
    ]
    assert PaymentCase.objects.get().text == "nothing came\nthe other one\nhurry"


def test_a_charge_id_that_the_buyer_replaces_leaves_a_trace(user):
    for charge_id in ("stx1", "stx1", "", "my name is Ivan", "stx2"):
        money.open_payment_case.blocking(user.pk, "Where is it?", charge_id)

    assert logged() == [
        ("payment_case.added_to", {"charge_id": "stx1"}, {"charge_id": "(changed)"}),
        ("payment_case.added_to", {"charge_id": "(not kept)"}, {"charge_id": "stx2"}),
    ]
    assert set(AuditEntry.objects.filter(action="payment_case.added_to").values_list("actor", "reason")) == {
        (None, "")
    }


@pytest.mark.django_db(transaction=True)
def test_a_form_that_ran_again_leads_to_the_case_that_is_there(page):
    UserFactory.create(telegram_id=5)
    tries = count()

    def break_once(execute, sql, params, many, context):
        if sql.startswith('UPDATE "sent_forms"') and next(tries) == 0:
            sql, params = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'deadlock_detected'; END $$", None
        return execute(sql, params, many, context)

    with connection.execute_wrapper(break_once):
        answer = page.post(OPEN, {"telegram_id": "5", "charge_id": "", "reason": "nothing came"})

    assert next(tries) == 2
    case = PaymentCase.objects.get()
    assert answer.url == reverse("admin:subscriptions_paymentcase_change", args=[case.pk])
