"""FACEIT as the example bot meets it: it answers with bodies about invented players, or fails."""

import json
import random
from datetime import UTC, datetime, timedelta

from examples import faceit_bodies, faceit_statistics
from examples.faceit_api import FaceitFailed
from examples.faceit_play import invent_people, play

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
PEOPLE = invent_people(10, seed=7)
PAST = [
    play(random.Random(number).sample(PEOPLE, 10), NOW - timedelta(days=40 - number), seed=number)
    for number in range(40)
]
COMING = play(PEOPLE, NOW, seed=40)


class FakeFaceit:
    """Knows ten players, what they have played and what they play next; `asked` is what it was asked for.

    `answers` holds, by what is asked for, the bytes or None that come instead, or the error that is raised.
    """

    def __init__(self):
        self.asked, self.answers, self.status = [], {}, "VOTING"

    async def player_id(self, nickname):
        found = {person.nickname: person.player_id for person in PEOPLE}
        return self._answer(f"nickname {nickname}", found.get(nickname))

    async def latest_match(self, player_id):
        return self._answer(f"latest of {player_id}", COMING.match_id)

    async def match(self, match_id):
        known = match_id == COMING.match_id
        return self._answer("match", known and faceit_bodies.match(COMING, self.status))

    async def match_stats(self, _match_id):
        return self._answer("match_stats", faceit_statistics.match_stats(COMING))

    async def player(self, player_id):
        return self._answer(f"player {player_id}", faceit_bodies.player(_person(player_id)))

    async def lifetime_stats(self, player_id, game):
        stats = faceit_statistics.lifetime_stats(_person(player_id), PAST)
        return self._answer(f"lifetime {game} {player_id}", stats)

    async def game_stats(self, player_id, game):
        body = faceit_statistics.game_stats(_person(player_id), PAST[-20:])
        return self._answer(f"games {game} {player_id}", body)

    def _answer(self, what, body):
        self.asked.append(what)
        answer = self.answers.get("all", self.answers.get(what.split()[0], body))
        if isinstance(answer, FaceitFailed):
            raise answer
        return json.dumps(answer).encode() if isinstance(answer, dict) else answer or None


def _person(player_id):
    return next(person for person in PEOPLE if person.player_id == player_id)
