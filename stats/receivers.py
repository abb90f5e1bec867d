"""What statistics do when a person is erased, and when users link other accounts."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from faceitbot.core import personal
from faceitbot.core.personal import Person
from faceitbot.core.signals import personal_data_erase
from stats.personal import NOBODYS, TABLES
from stats.repositories import StatsRepository
from users.signals import faceit_accounts_changed


def unlink_person(*, person: Person, **_: Any) -> Counter[str]:
    """Unlink the cards of a person; their figures stay, as nobody's of ours."""
    return personal.erase(TABLES, person)


def follow_accounts(*, user_ids: Sequence[UUID], **_: Any) -> None:
    """Give cards to whom their accounts belong now."""
    StatsRepository().follow_accounts.blocking(user_ids)


def connect() -> None:
    """Declare the tables, hear of erasing and of accounts."""
    personal.register([*TABLES, *NOBODYS])
    personal_data_erase.connect(unlink_person, dispatch_uid="stats.unlink_person")
    faceit_accounts_changed.connect(follow_accounts, dispatch_uid="stats.follow_accounts")
