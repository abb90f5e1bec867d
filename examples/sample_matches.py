"""A month of matches of some users, to look at in the admin: the same in every run, but for its dates."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from examples import faceit_bodies, faceit_statistics
from examples.faceit_play import TEAM, Person, PlayedMatch, invent_people, play
from faceitbot.analysis import build_analysis
from matches.repositories import MatchCacheRepository, MatchRepository
from stats.repositories import StatsRepository
from users.models import User

SEED = 11
PEOPLE = 24
MATCHES, DAYS = 40, 30
FORMER_MATCHES = 60
BEST_OF_3, CANCELLED = 13, 19  # every so manieth match
ELO_OF_A_MATCH = 25  # Source: about what FACEIT gives and takes
KEPT = 60 * 24 * 30  # minutes: samples are looked at for longer than what FACEIT says is good
matches, bodies, stats = MatchRepository(), MatchCacheRepository(), StatsRepository()


def fill(now: datetime, owners: Sequence[User]) -> None:
    """Let users and invented players play a month, have matches analysed, and begin two that are not over."""
    dice, people = random.Random(SEED), _people(owners)
    _tell_lifetimes(people, dice, now - timedelta(days=DAYS))
    readers = {owner.faceit_player_id: owner for owner in owners}
    ends = sorted(now - timedelta(hours=dice.uniform(3, 24 * DAYS - 6)) for _match in range(MATCHES))
    for number, end in enumerate(ends, 1):
        played = play(_ten_alike(people, dice), end, seed=number, best_of=1 if number % BEST_OF_3 else 3)
        _analyse(played, readers, dice, played.started_at - timedelta(minutes=4))
        if number % CANCELLED == 0:
            stats.settle_prediction.blocking(played.match_id, None, now=end)
            matches.update_match_status.blocking(played.match_id, "CANCELLED", now=end)
        else:
            people = _finish(played, people)
    _tell_elo(people, now)  # all cards are good from now on
    for minutes, status in ((20, "ONGOING"), (50, "VOTING")):
        coming = play(_ten_alike(people, dice), now + timedelta(minutes=minutes), seed=1000 + minutes)
        _analyse(coming, readers, dice, now, status)
        body = faceit_bodies.match(coming, status)
        bodies.cache_match_data.blocking(coming.match_id, body, ttl_minutes=KEPT, now=now)


def _people(owners: Sequence[User]) -> list[Person]:
    people = invent_people(PEOPLE, SEED)
    known = [
        replace(person, player_id=owner.faceit_player_id or "", nickname=owner.faceit_nickname or "")
        for person, owner in zip(people, owners, strict=False)
    ]
    return known + people[len(known) :]


def _tell_lifetimes(people: Sequence[Person], dice: random.Random, now: datetime) -> None:
    former = [
        play(_ten_alike(people, dice), now - timedelta(hours=number), seed=2000 + number)
        for number in range(FORMER_MATCHES)
    ]
    _tell_elo(people, now)
    for person in people:
        own = [played for played in former if any(person in side.people for side in played.sides)]
        if own:
            body = faceit_statistics.lifetime_stats(person, own)
            stats.record_lifetime_stats.blocking(person.player_id, body, ttl_minutes=KEPT, now=now)


def _tell_elo(people: Iterable[Person], now: datetime) -> None:
    cards = [
        {
            "player_id": person.player_id,
            "nickname": person.nickname,
            "faceit_elo": person.elo,
            "skill_level": person.level,
            "country": person.country,
        }
        for person in people
    ]
    stats.cache_multiple_players.blocking(cards, ttl_minutes=KEPT, now=now)


def _ten_alike(people: Sequence[Person], dice: random.Random) -> list[Person]:
    """Give ten players of about one ELO, in two teams that are about as strong as each other."""
    middle = dice.choice(people).elo
    ten = sorted(people, key=lambda person: (abs(person.elo - middle), person.player_id))[: 2 * TEAM]
    ten.sort(key=lambda person: -person.elo)
    first = [dice.choice(pair) for pair in pairwise(ten) if ten.index(pair[0]) % 2 == 0]
    return first + [person for person in ten if person not in first]


def _analyse(
    played: PlayedMatch,
    readers: dict[str | None, User],
    dice: random.Random,
    now: datetime,
    status: str = "READY",
) -> None:
    """Let one or two of those who play have a match analysed."""
    matches.record_match.blocking(faceit_bodies.match(played, status), now=now)
    playing = [person.player_id for side in played.sides for person in side.people]
    asking = [readers[player_id] for player_id in playing if player_id in readers][: dice.randint(1, 2)]
    for number, user in enumerate(asking):
        analysis = build_analysis.blocking(played.match_id, asked_faceit=number == 0, now=now)
        if analysis is not None:
            milliseconds = dice.randint(15, 60) if number else dice.randint(1800, 3200)
            matches.create_analysis.blocking(user.pk, played.match_id, analysis, milliseconds, now=now)


def _finish(played: PlayedMatch, people: Sequence[Person]) -> list[Person]:
    """Tell how a match has ended, and give the players with the ELO that they have now."""
    end = played.finished_at
    body = faceit_statistics.match_stats(played)
    stats.record_match_stats.blocking(body, finished_at=end, ttl_minutes=KEPT, now=end)
    stats.settle_prediction.blocking(played.match_id, f"team{played.winner + 1}", now=end)
    matches.record_match.blocking(faceit_bodies.match(played), now=end)
    changes = {
        person.player_id: ELO_OF_A_MATCH if number == played.winner else -ELO_OF_A_MATCH
        for number, side in enumerate(played.sides)
        for person in side.people
    }
    moved = [replace(person, elo=person.elo + changes.get(person.player_id, 0)) for person in people]
    _tell_elo([person for person in moved if person.player_id in changes], end + timedelta(minutes=1))
    return moved
