"""What subscriptions do when users are made."""

from typing import Any
from uuid import UUID

from subscriptions.granting import make_free_subscriptions
from users.signals import users_created


def give_free_subscriptions(*, user_ids: list[UUID], **_: Any) -> None:
    """Make the FREE row of each new user, in the transaction that makes the user."""
    make_free_subscriptions(user_ids)


def connect() -> None:
    """Hear of new users."""
    users_created.connect(give_free_subscriptions, dispatch_uid="subscriptions.give_free_subscriptions")
