"""Rows for tests."""

import uuid

import factory
from django.contrib.auth.models import User as StaffAccount

from users.models import User


class UserFactory(factory.django.DjangoModelFactory):
    """A bot user with a linked FACEIT account."""

    class Meta:
        model = User

    telegram_id = factory.Sequence(lambda n: 5_000_000_000 + n)
    faceit_player_id = factory.LazyFunction(lambda: str(uuid.uuid4()))
    faceit_nickname = factory.Sequence(lambda n: f"player{n}")


class StaffFactory(factory.django.DjangoModelFactory):
    """A staff account with every right."""

    class Meta:
        model = StaffAccount

    username = factory.Sequence(lambda n: f"staff{n}")
    is_staff = True
    is_superuser = True
