"""What subscriptions do when users are made, and when a person is erased."""

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from faceitbot.core import personal
from faceitbot.core.personal import Person
from faceitbot.core.signals import personal_data_erase
from subscriptions import erasing
from subscriptions.granting import make_free_subscriptions
from subscriptions.personal import NOBODYS, TABLES
from users.signals import users_created


def give_free_subscriptions(*, user_ids: list[UUID], **_: Any) -> None:
    """Make the FREE row of each new user, in the transaction that makes the user."""
    make_free_subscriptions(user_ids)


def erase_person(*, person: Person, now: datetime, **_: Any) -> Counter[str]:
    """Erase a person in the tables of this app, unless money is under way."""
    return erasing.erase(person, now)


def connect() -> None:
    """Declare the tables, and hear of new users and of erasing."""
    personal.register([*TABLES, *NOBODYS])
    users_created.connect(give_free_subscriptions, dispatch_uid="subscriptions.give_free_subscriptions")
    personal_data_erase.connect(erase_person, dispatch_uid="subscriptions.erase_person")
