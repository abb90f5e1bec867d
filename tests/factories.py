"""Rows for tests."""

import uuid

from django.contrib.auth.models import User as StaffAccount
from factory.declarations import LazyFunction, Sequence
from factory.django import DjangoModelFactory

from users.models import User


class UserFactory(DjangoModelFactory):
    """A bot user with a linked FACEIT account."""

    class Meta:
        model = User

    telegram_id = Sequence(lambda n: 5_000_000_000 + n)
    faceit_player_id = LazyFunction(lambda: str(uuid.uuid4()))
    faceit_nickname = Sequence(lambda n: f"player{n}")


class StaffFactory(DjangoModelFactory):
    """A staff account with every right."""

    class Meta:
        model = StaffAccount

    username = Sequence(lambda n: f"staff{n}")
    is_staff = True
    is_superuser = True
