"""Rows for tests."""

import uuid
from datetime import timedelta

from django.contrib.auth.models import User as StaffAccount
from factory.declarations import LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory

from faceitbot.core import clock
from subscriptions.models import Grant, GrantSource, Referral
from users.models import User


class UserFactory(DjangoModelFactory):
    """A bot user with a linked FACEIT account."""

    class Meta:
        model = User

    telegram_id = Sequence(lambda n: 5_000_000_000 + n)
    faceit_player_id = LazyFunction(lambda: str(uuid.uuid4()))
    faceit_nickname = Sequence(lambda n: f"player{n}")


class GrantFactory(DjangoModelFactory):
    """Thirty days of premium from now on; the subscription does not show them yet."""

    class Meta:
        model = Grant

    user = SubFactory(UserFactory)
    tier = "premium"
    starts_at = LazyFunction(clock.now)
    duration = timedelta(days=30)
    source = GrantSource.PAYMENT


class ReferralFactory(DjangoModelFactory):
    """One user who brought another."""

    class Meta:
        model = Referral

    referrer = SubFactory(UserFactory)
    referee = SubFactory(UserFactory)
    code = "ABCDEFGH"
    referrer_days = 30
    referee_days = 7


class StaffFactory(DjangoModelFactory):
    """A staff account with every right."""

    class Meta:
        model = StaffAccount

    username = Sequence(lambda n: f"staff{n}")
    is_staff = True
    is_superuser = True
