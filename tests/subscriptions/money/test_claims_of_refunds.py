"""Refunds are claimed by one of the bot's processes at a time; a claim that leads nowhere ends."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from faceitbot.core import clock
from subscriptions.errors import PaymentStateError
from subscriptions.models import Payment
from subscriptions.repositories import PaymentRepository
from tests.factories import StaffFactory
from tests.other_process import environment
from tests.subscriptions.money.processes import notices_of
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)
WORKER = Path(__file__).with_name("refund_worker.py")
REFUNDS, CLAIMS, EACH = 60, 12, 5
repository = PaymentRepository()


def ask_for_refunds(count, now=None):
    """Have so many payments given back; give their charges."""
    staff = StaffFactory.create()
    for telegram_id, payload, stars, charge in notices_of(count, count):
        repository.record_successful_payment.blocking(telegram_id, payload, "XTR", stars, charge)
    for payment in Payment.objects.all():
        repository.request_refund.blocking(payment.pk, actor=staff, reason="a race", now=now)
    return set(Payment.objects.values_list("telegram_payment_charge_id", flat=True))


def claim_in_two_processes(*options):
    """Give what each of two processes was given, both claiming at once."""
    workers = [
        subprocess.Popen(
            [sys.executable, str(WORKER), str(CLAIMS), str(EACH), *options],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _worker in range(2)
    ]
    assert [worker.stdout.readline() for worker in workers] == ["ready\n"] * 2
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    return [json.loads(worker.communicate(timeout=60)[0]) for worker in workers]


def test_two_processes_claim_disjoint_refunds():
    charges = ask_for_refunds(REFUNDS)

    one, other = claim_in_two_processes()

    assert sorted([*one, *other]) == sorted(charges)
    assert one
    assert other
    assert set(Payment.objects.values_list("refund_attempts", flat=True)) == {1}


def test_control_without_the_lock_both_claim_the_same():
    ask_for_refunds(REFUNDS)

    one, other = claim_in_two_processes("unlocked")

    assert set(one) & set(other)


def test_a_claim_holds_until_its_lease_is_over():
    now = clock.now()
    charges = ask_for_refunds(3, now - timedelta(minutes=5))

    first = repository.get_refunds_to_submit.blocking(lease_seconds=60, now=now)
    within = repository.get_refunds_to_submit.blocking(lease_seconds=60, now=now + timedelta(seconds=59))
    after = repository.get_refunds_to_submit.blocking(lease_seconds=60, now=now + timedelta(seconds=60))

    assert {refund.charge_id for refund in first} == {refund.charge_id for refund in after} == charges
    assert within == []
    assert set(Payment.objects.values_list("refund_attempts", flat=True)) == {2}


def test_a_refund_that_was_claimed_cannot_be_taken_back_and_a_second_click_asks_no_second_time():
    user = UserRepository().create_user.blocking(7)
    order = repository.create_order.blocking(user.pk, "premium")
    payment = repository.record_successful_payment.blocking(7, order.payload, "XTR", 199, "stx").payment
    staff = StaffFactory.create()
    repository.request_refund.blocking(payment.pk, actor=staff, reason="he asked")

    with pytest.raises(PaymentStateError, match="refund_pending"):
        repository.request_refund.blocking(payment.pk, actor=staff, reason="he asked")
    repository.get_refunds_to_submit.blocking()
    with pytest.raises(PaymentStateError, match="has begun to give this payment back"):
        repository.cancel_refund.blocking(payment.pk, actor=staff, reason="he changed his mind")

    assert Payment.objects.get().refund_attempts == 1
