"""Nobody is erased while his money is under way: the payments are named, and nothing changes."""

from datetime import timedelta

import pytest

from faceitbot.core import clock
from faceitbot.core.errors import Refused
from faceitbot.personal.erasing import erase_person
from subscriptions.payments import checkout
from subscriptions.repositories import PaymentRepository
from tests.faceitbot.personal.life import NICKNAME, OTHER_ID, TELEGRAM_ID, pay, receive
from tests.faceitbot.personal.traces import tables
from tests.factories import StaffFactory
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "by request of the person"
users, payments = UserRepository(), PaymentRepository()


@pytest.fixture
def user():
    return users.create_user.blocking(TELEGRAM_ID, "player-1", NICKNAME)


def expected(user):
    return payments.create_payment.blocking(user.pk, 199, "premium"), "expected"


def in_review(user):
    order = payments.create_order.blocking(user.pk, "premium")
    return pay(order, "charge-1", total_amount=1).payment, "in review"


def in_review_of_nobody(user):
    """His money for something unknown, from before he was known himself."""
    user.delete()
    payment = receive("charge-1", payload="what?", total_amount=1).payment
    users.create_user.blocking(TELEGRAM_ID)
    return payment, "in review"


def paid_by_another(user):
    users.create_user.blocking(OTHER_ID)
    order = payments.create_order.blocking(user.pk, "premium")
    return pay(order, "charge-1", telegram_id=OTHER_ID).payment, "in review"


def in_his_name(user):
    payload = f"premium_yearly_{TELEGRAM_ID}"
    outcome = receive("charge-1", payload=payload, total_amount=1, telegram_id=OTHER_ID)
    return outcome.payment, "in review"


def to_be_refunded(user):
    payment = pay(payments.create_order.blocking(user.pk, "premium"), "charge-1").payment
    payments.request_refund.blocking(payment.pk, actor=StaffFactory.create(), reason="unhappy")
    return payment, "refund awaited"


@pytest.mark.parametrize(
    "make", [expected, in_review, in_review_of_nobody, paid_by_another, in_his_name, to_be_refunded]
)
def test_money_under_way_is_named_and_nothing_is_erased(user, make):
    payment, state = make(user)
    before = list(tables())

    with pytest.raises(Refused) as refusal:
        erase_person(TELEGRAM_ID, reason=REASON)

    assert str(refusal.value) == f"money is under way: payment {payment.pk} is {state}"
    assert refusal.value.context == {"reason": "money_under_way"}
    assert list(tables()) == before


def test_an_offer_that_nobody_took_stands_in_the_way_for_a_day(user):
    """Telegram keeps an update for a day: until then the money may still be heard of."""
    made = clock.now() - timedelta(days=2)
    payment = payments.create_payment.blocking(user.pk, 199, "premium", now=made)
    ended = payment.order.expires_at

    with pytest.raises(Refused, match=f"payment {payment.pk} is expected"):
        erase_person(TELEGRAM_ID, reason=REASON, now=ended + timedelta(hours=23))
    erase_person(TELEGRAM_ID, reason=REASON, now=ended + timedelta(hours=24))

    payment.refresh_from_db()
    assert payment.status == "failed"
    assert User.objects.get().telegram_id is None


def test_many_payments_are_named_up_to_a_bound(user):
    for number in range(25):
        receive(f"charge-{number}", payload="what?", total_amount=1)

    with pytest.raises(Refused) as refusal:
        erase_person(TELEGRAM_ID, reason=REASON)

    assert str(refusal.value).count(" is in review") == 20
    assert str(refusal.value).endswith(", and more")


def test_an_order_without_money_stands_in_nobodys_way(user):
    order = payments.create_order.blocking(user.pk, "premium")

    erase_person(TELEGRAM_ID, reason=REASON)

    offer = payments._offer.blocking(order.payload)
    assert checkout.decide(offer, TELEGRAM_ID, "XTR", order.stars) == (False, "other_payer")
