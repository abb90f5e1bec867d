"""What matches do when a person is erased, and when the process ends."""

from collections import Counter
from typing import Any

from faceitbot.core import personal
from faceitbot.core.closing import before_closing
from faceitbot.core.personal import Person
from faceitbot.core.signals import personal_data_erase
from matches.personal import TABLES, USE
from matches.repositories.bodies import write_accesses


def erase_analyses(*, person: Person, **_: Any) -> Counter[str]:
    """Delete what a person has had analysed, and the bodies behind it."""
    return personal.erase(TABLES, person)


def connect() -> None:
    """Declare the tables, hear of erasing and of the end."""
    personal.register([*TABLES, USE])
    personal_data_erase.connect(erase_analyses, dispatch_uid="matches.erase_analyses")
    before_closing(write_accesses)
