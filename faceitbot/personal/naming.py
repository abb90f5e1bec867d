"""What somebody is called, as it may stand in words that other people wrote."""

import re

from faceitbot.core.personal import Person
from users.models import User

# Shorter ones are syllables of everybody's words.
SHORTEST_NICKNAME = 4


def names_of(person: Person) -> list[str]:
    """Give the names of a person that words can hold: his Telegram id, his FACEIT id, his nickname."""
    user = User.objects.filter(pk=person.user_id).first() if person.user_id else None
    player_id, nickname = (user.faceit_player_id, user.faceit_nickname) if user else (None, None)
    long_enough = nickname if nickname and len(nickname) >= SHORTEST_NICKNAME else None
    return [name for name in (str(person.telegram_id), player_id, long_enough) if name]


def pattern_of(names: list[str]) -> str:
    """Give the regular expression, PostgreSQL's and Python's, of text that holds a name as a whole word."""
    return rf"(?<!\w)({'|'.join(map(re.escape, names))})(?!\w)"
