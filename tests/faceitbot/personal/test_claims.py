"""`check_integrity` finds what is still known of an erased person."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from faceitbot.core import clock
from faceitbot.core.integrity import invariants
from faceitbot.personal.erasing import erase_person
from faceitbot.personal.forgetting import prune_personal_data
from subscriptions.models import Referral, UserSubscription
from subscriptions.repositories import PaymentRepository
from tests.faceitbot.personal.life import NICKNAME, TELEGRAM_ID, pay
from tests.factories import ReferralFactory
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
users, payments = UserRepository(), PaymentRepository()


def claim(name):
    (found,) = (each for each in invariants() if each.name == name)
    return list(found.find())


@pytest.fixture
def user():
    return users.create_user.blocking(TELEGRAM_ID, "player-1", NICKNAME)


def test_an_erased_person_is_unknown_and_a_living_one_is_left_alone(user):
    ReferralFactory.create()
    erase_person(TELEGRAM_ID, reason="by request")

    assert claim("erased_people_are_unknown") == []


def test_what_says_who_an_erased_person_was_is_found(user):
    erase_person(TELEGRAM_ID, reason="by request")
    UserSubscription.objects.filter(user=user).update(referral_code="ABCDEFGH")
    User.objects.filter(pk=user.pk).update(language="en", notifications_enabled=False)
    referral = Referral.objects.create(
        referrer=user, referee=users.create_user.blocking(8), code="ABCDEFGH", referrer_days=0, referee_days=7
    )

    subscription = UserSubscription.objects.get(user=user)
    assert claim("erased_people_are_unknown") == [
        f"referrals {referral.pk}: code",
        f"user_subscriptions {subscription.pk}: referral_code",
        f"users {user.pk}: language, notifications_enabled",
    ]


def test_an_erased_row_cannot_have_a_name_at_all(user):
    erase_person(TELEGRAM_ID, reason="by request")

    for column in ("faceit_player_id", "faceit_nickname", "last_checked_match_id"):
        with pytest.raises(IntegrityError, match="users_erased_is_nobody"), transaction.atomic():
            User.objects.filter(pk=user.pk).update(**{column: "x"})


def test_a_payer_who_is_remembered_too_long_is_found(user):
    other = users.create_user.blocking(8)
    long_ago = {"now": clock.now() - timedelta(days=33)}
    payment = pay(payments.create_order.blocking(user.pk, "premium"), "charge-1", **long_ago).payment
    pay(payments.create_order.blocking(other.pk, "premium"), "charge-2", telegram_id=8, **long_ago)
    pay(payments.create_order.blocking(user.pk, "premium"), "charge-3", now=clock.now() - timedelta(days=31))
    erase_person(TELEGRAM_ID, reason="by request")

    columns = "payer_telegram_id, received_payload, provider_payment_charge_id"
    assert claim("erased_people_are_forgotten") == [f"payments {payment.pk}: {columns}"]

    prune_personal_data()

    assert claim("erased_people_are_forgotten") == []
