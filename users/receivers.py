"""What users do when a person is erased."""

from collections import Counter
from typing import Any

from faceitbot.core import personal
from faceitbot.core.personal import Person
from faceitbot.core.signals import personal_data_erase
from users.personal import ACTIVITY, NOTES, TABLES, USER
from users.repositories import UserRepository


def erase_user(*, person: Person, now: Any, **_: Any) -> Counter[str]:
    """Empty the user's row, through the repository: cached copies are found by what is emptied."""
    done = personal.erase([ACTIVITY, NOTES], person)
    if person.user_id and UserRepository().forget_identity.blocking(person.user_id, now):
        done[USER.name] += 1
    return done


def connect() -> None:
    """Declare the tables, and hear of erasing."""
    personal.register(TABLES)
    personal_data_erase.connect(erase_user, dispatch_uid="users.erase_user")
