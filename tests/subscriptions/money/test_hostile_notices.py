"""Whatever a notice of money looks like, it is stored with a reason, and grants nothing."""

import random

import pytest

from faceitbot.core.integrity import invariants
from subscriptions.models import Grant, Payment
from subscriptions.repositories import PaymentRepository
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

repository = PaymentRepository()
FEW, MANY = 200, 500
REFUNDED_FIRST = 0.1
HOSTILE = set("\x00\n\ud800\u202e")  # of TEXTS
TEXTS = [
    "",
    "nul\x00inside",
    "x" * 10_000,
    "платёж за премиум",
    "\ud800 alone",
    "\u202egnp.exe",
    "line\nbreak",
    "' OR 1=1 --",
    "🦄" * 100,
    "premium_monthly_0",
    "premium_monthly_-7",
    "premium_monthly_99999999999999999",
    "premium_weekly_7",
    "free_monthly_7",
]
WRONG_TEXTS = [*TEXTS, None, 7, 1.5, b"bytes", ["list"], {"a": 1}, True]
WRONG_NUMBERS = [
    0,
    -1,
    1,
    198,
    200,
    10**6,
    2**63,
    -(2**63) - 1,
    10**40,
    True,
    None,
    199.0,
    "199",
    [199],
    float("nan"),
]
WRONG_PAYERS = [8, 0, -7, 2**52 + 1, 2**63, True, None, "7", 7.0]


def wrong_notice(dice, order):
    """Give a notice that is honest but for at least one of its parts."""
    notice = {
        "telegram_id": 7,
        "payload": order.payload,
        "currency": "XTR",
        "total_amount": order.stars,
    }
    wrong = {
        "telegram_id": WRONG_PAYERS,
        "payload": WRONG_TEXTS,
        "currency": [text for text in WRONG_TEXTS if text != "XTR"] + ["USD", "xtr", "XTR "],
        "total_amount": WRONG_NUMBERS,
    }
    for name in dice.sample(list(wrong), dice.randint(1, 3)):
        notice[name] = dice.choice(wrong[name])
    return notice


def expected_reason(notice, order, charge, provider):
    """Say what is wrong with a notice; one that is for nothing is that whatever else it is."""
    if notice["payload"] != order.payload:
        return "unknown_payload"  # nobody among TEXTS is a user of ours

    def plain(text, length):
        return isinstance(text, str) and len(text) <= length and not HOSTILE & set(text)

    def number(value):
        return type(value) is int and abs(value) < 2**63

    readable = (
        plain(notice["currency"], 16)
        and plain(provider or "", 255)
        and plain(charge, 255)
        and number(notice["telegram_id"])
        and number(notice["total_amount"])
    )
    if not readable:
        return "unreadable"
    if notice["currency"] != "XTR":
        return "currency"
    return "other_payer" if notice["telegram_id"] != 7 else "amount"


@pytest.mark.proof("payments")
def test_hostile_notices_are_stored_and_grant_nothing(full_size, report, caplog):
    notices, seed = MANY if full_size else FEW, random.randrange(2**32)
    report(f"seed {seed}")
    dice = random.Random(seed)
    users = UserRepository()
    user, _other = users.create_user.blocking(7), users.create_user.blocking(8)
    orders = [repository.create_order.blocking(user.pk, "premium") for _order in range(10)]

    for number in range(notices):
        order = dice.choice(orders)
        notice = wrong_notice(dice, order)
        charge = dice.choice(
            [f"charge-{number}", f"c\x00{number}", f"{number}" + "y" * 9_000, f"é\ud800{number}"]
        )
        provider, refunded = dice.choice(WRONG_TEXTS), dice.random() < REFUNDED_FIRST
        if refunded:
            repository.mark_refunded.blocking(charge)

        outcome = repository.record_successful_payment.blocking(
            **notice, telegram_payment_charge_id=charge, provider_payment_charge_id=provider
        )
        again = repository.record_successful_payment.blocking(**notice, telegram_payment_charge_id=charge)

        told = (outcome.kind, outcome.payment.review_reason, again.kind)
        wrong = expected_reason(notice, order, charge, provider)
        expected = ("in_review", wrong, "repeated")
        if refunded:
            expected = ("refunded_before", "refund_first", "refunded_before")
        assert told == expected, (notice, charge, provider)
        assert again.payment == outcome.payment

    assert not [record for record in caplog.records if record.exc_info or "Traceback" in record.getMessage()]
    assert Payment.objects.count() == notices
    assert Grant.objects.count() == 0
    assert {found.name for found in invariants() if list(found.find())} == set()


def test_refunds_before_and_after_and_twice():
    user = UserRepository().create_user.blocking(7)
    order = repository.create_order.blocking(user.pk, "premium")
    for charge in ("a\x00b", "z" * 5_000, "plain"):
        first = repository.mark_refunded.blocking(charge)
        assert repository.mark_refunded.blocking(charge) == first

        outcome = repository.record_successful_payment.blocking(7, order.payload, "XTR", 199, charge)
        assert (outcome.kind, outcome.payment) == ("refunded_before", first)
        assert repository.mark_refunded.blocking(charge) == first

    assert Grant.objects.count() == 0
    assert Payment.objects.filter(status="refunded", review_reason="refund_first").count() == 3


def test_charge_ids_that_cannot_be_stored_as_they_are_stay_different():
    users = UserRepository().create_user.blocking(7)
    order = repository.create_order.blocking(users.pk, "premium")

    for charge in ("x\x00", "x\x01", "x\ufffd", "y" * 300 + "1", "y" * 300 + "2", 5, "5"):
        repository.record_successful_payment.blocking(7, order.payload, "XTR", 199, charge)

    assert Payment.objects.count() == 7
