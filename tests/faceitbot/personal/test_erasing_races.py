"""Erasing, and what happens to the same person meanwhile: one comes first, whole, and the other sees it."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from faceitbot.core.errors import Refused
from faceitbot.core.integrity import invariants
from faceitbot.core.models import AuditEntry
from faceitbot.personal.erasing import erase_person
from subscriptions.models import Grant, Payment, PaymentCase
from subscriptions.payments import completing
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from tests.eventually import eventually
from tests.faceitbot.personal.life import NICKNAME, TELEGRAM_ID, pay, receive
from tests.faceitbot.personal.traces import found
from tests.threads import giving_back, held_open
from users.errors import UserNotFound
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "by request of the person"
UNDER_WAY = ["pending", "needs_review", "refund_pending"]
users, access, payments = UserRepository(), SubscriptionRepository(), PaymentRepository()


@pytest.fixture
def user():
    return users.create_user.blocking(TELEGRAM_ID, "player-1", NICKNAME)


@giving_back
def outcome_of(deed):
    """Give what it gives, or how it is refused."""
    try:
        return deed()
    except (Refused, UserNotFound) as error:
        return error


def waiters():
    """Count who waits for a lock in this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]


def while_held(first, second):
    """Begin the second thing while the transaction of the first is open; give what became of the second."""
    with ThreadPoolExecutor() as pool:
        with held_open(first):
            running = pool.submit(outcome_of, second)
            eventually(waiters)
        return running.result(10)


def erase():
    return erase_person(TELEGRAM_ID, reason=REASON)


def erased_with_money_under_way():
    """Give the payments of erased users that stand in the way of erasing. Late money is nobody's."""
    return Payment.objects.filter(status__in=UNDER_WAY, user__erased_at__isnull=False)


def broken():
    return {each.name: rows for each in invariants() if (rows := list(each.find()))}


def test_erasing_waits_for_a_payment_and_finds_it_whole(user):
    order = payments.create_order.blocking(user.pk, "premium")

    erasure = while_held(lambda: pay(order, "charge-1", now=None), erase)

    assert (erasure.changed["users"], erasure.waiting) == (1, {"payments": 1})
    assert Grant.objects.get().payment.status == "completed"
    assert broken() == {}


def test_erasing_waits_for_odd_money_and_is_refused(user):
    refusal = while_held(lambda: receive("charge-1", payload="what?", total_amount=1, now=None), erase)

    assert isinstance(refusal, Refused)
    assert users.get_by_telegram_id.blocking(TELEGRAM_ID) == user
    assert not AuditEntry.objects.filter(action="user.erased").exists()


@pytest.mark.parametrize("payload", ["order", "what?", f"premium_monthly_{TELEGRAM_ID}"])
def test_a_payment_waits_for_erasing_and_finds_nobody(user, payload):
    order = payments.create_order.blocking(user.pk, "premium")
    sent = order.payload if payload == "order" else payload

    outcome = while_held(erase, lambda: receive("charge-1", payload=sent, total_amount=order.stars, now=None))

    assert (outcome.kind, outcome.payment.user_id) == ("in_review", None)
    assert not Grant.objects.exists()
    assert found([NICKNAME]) == set()
    assert broken() == {}


def test_without_the_lock_odd_money_is_an_erased_persons(user, monkeypatch):
    """Control: the payer is looked up as anything else is, and the money waits at its foreign key only."""

    def without_a_lock(telegram_id):
        return User.objects.filter(telegram_id=telegram_id).values_list("pk", flat=True).first()

    monkeypatch.setattr(completing, "living_user", without_a_lock)

    outcome = while_held(erase, lambda: receive("charge-1", payload="what?", total_amount=1, now=None))

    assert outcome.payment.user_id == user.pk
    assert erased_with_money_under_way().count() == 1


@pytest.mark.parametrize("what", ["case", "order", "payment", "code", "referral"])
def test_who_waits_for_erasing_writes_nothing(user, what):
    code = access.generate_referral_code.blocking(users.create_user.blocking(8).pk)
    deed = {
        "case": lambda: payments.open_payment_case.blocking(user.pk, f"I am {NICKNAME}"),
        "order": lambda: payments.create_order.blocking(user.pk, "premium"),
        "payment": lambda: payments.create_payment.blocking(user.pk, 99, "premium"),
        "code": lambda: access.generate_referral_code.blocking(user.pk),
        "referral": lambda: access.apply_referral.blocking(user.pk, code),
    }[what]

    outcome = while_held(erase, deed)

    assert outcome == (False, "unknown_user") if what == "referral" else isinstance(outcome, UserNotFound)
    assert not Payment.objects.exists()
    assert not PaymentCase.objects.exists()
    assert found([NICKNAME]) == set()
    assert broken() == {}


def deeds_of(user, order, dice):
    """Give an erasure and some of what a bot's processes do to the same person at once, in any order."""
    other = users.touch.blocking(8)
    code = access.generate_referral_code.blocking(other.pk)
    deeds = [
        lambda: users.touch.blocking(TELEGRAM_ID),
        lambda: users.link_faceit_account.blocking(TELEGRAM_ID, "player-2", NICKNAME),
        lambda: pay(order, f"{order.pk}", now=None),
        lambda: receive(f"odd-{order.pk}", payload="what?", total_amount=1, now=None),
        lambda: payments.open_payment_case.blocking(user.pk, NICKNAME),
        lambda: payments.create_payment.blocking(user.pk, 99, "premium"),
        lambda: access.apply_referral.blocking(user.pk, code),
    ]
    chosen = [erase, *dice.sample(deeds, 4)]
    return dice.sample(chosen, len(chosen))


@pytest.mark.proof("erasing")
def test_whatever_happens_at_once_is_all_or_nothing(full_size, report):
    seed = random.randrange(2**32)
    dice, rounds, erased = random.Random(seed), 200 if full_size else 15, 0
    for number in range(rounds):
        user = users.touch.blocking(TELEGRAM_ID)
        order = payments.create_order.blocking(user.pk, "premium")
        deeds = deeds_of(user, order, dice)
        with ThreadPoolExecutor(len(deeds)) as pool:
            outcomes = list(pool.map(outcome_of, deeds))

        refused = isinstance(outcomes[deeds.index(erase)], Refused)
        stored = User.objects.get(pk=user.pk)
        entries = AuditEntry.objects.filter(action="user.erased", object_id=str(user.pk)).count()
        assert (stored.erased_at is None, entries) == (refused, 0 if refused else 1), (seed, number)
        assert not erased_with_money_under_way().exists(), (seed, number)
        assert broken() == {}, (seed, number)
        erased += not refused
        settle()
    report(f"{rounds} rounds (seed {seed}): erased {erased}, refused {rounds - erased}")
    assert erased


def settle():
    """End what stands in the way of the next round: money goes back, what is expected fails, he is erased."""
    for payment in Payment.objects.filter(status="needs_review"):
        payments.mark_refunded.blocking(payment.telegram_payment_charge_id)
    for payment in Payment.objects.filter(status="pending"):
        payments.fail_payment.blocking(payment.pk, "the round is over")
    erase()
    assert broken() == {}
