"""What statistics do when a person is erased."""

from collections import Counter
from typing import Any

from faceitbot.core import personal
from faceitbot.core.personal import Person
from faceitbot.core.signals import personal_data_erase
from stats.personal import NOBODYS, TABLES


def unlink_person(*, person: Person, **_: Any) -> Counter[str]:
    """Unlink the cards of a person; their figures stay, as nobody's of ours."""
    return personal.erase(TABLES, person)


def connect() -> None:
    """Declare the tables, and hear of erasing."""
    personal.register([*TABLES, *NOBODYS])
    personal_data_erase.connect(unlink_person, dispatch_uid="stats.unlink_person")
