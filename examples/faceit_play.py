"""Invented players and the matches that they play, for bodies of our own making.

The same seed gives the same people and the same matches. All figures of a match come from the rounds that
were played, so they add up: every kill is somebody's death, and a round with two kills is a double kill.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

TEAM = 5
SNIPER, SUPPORT = 1, 2  # their places in a team
MAPS = ("de_ancient", "de_anubis", "de_dust2", "de_inferno", "de_mirage", "de_nuke", "de_train")
OVERTIME = 3  # rounds that a side needs more of, once both miss one
MULTIPLE = {2: "Double Kills", 3: "Triple Kills", 4: "Quadro Kills", 5: "Penta Kills"}
# How often; of kills, but the last of rounds.
HEADSHOT, PISTOL, ODD_WEAPON, CLUTCH = 0.45, 0.12, 0.005, 0.1
HELPED = 75  # a kill with less damage of one's own was somebody's assist, too
WORDS = (
    *("frost", "mako", "lynx", "orbit", "pixel", "raven", "salto", "tundra"),
    *("viper", "walrus", "yonder", "zephyr", "basalt", "cobalt", "drift", "ember"),
)
COUNTRIES = ("ru", "kz", "de", "pl", "fr", "ua", "se", "tr")
# Source: FACEIT's levels of CS2; the first ELO of each.
FIRST_ELO = (100, 501, 751, 901, 1051, 1201, 1351, 1531, 1751, 2001)


@dataclass(frozen=True)
class Person:
    """An invented player; `sniper` and `support` say how much of what he does."""

    player_id: str
    nickname: str
    country: str
    steam_id: str
    elo: int
    sniper: float
    support: float

    @property
    def level(self) -> int:
        """The level that FACEIT gives for this ELO."""
        return sum(self.elo >= first for first in FIRST_ELO)


@dataclass(frozen=True)
class Side:
    """Five people who play together; the first leads them."""

    people: tuple[Person, ...]

    @property
    def team_id(self) -> str:
        """As in matchmaking: the id of the leader."""
        return self.people[0].player_id

    @property
    def name(self) -> str:
        """As in matchmaking: after the leader."""
        return f"team_{self.people[0].nickname}"


@dataclass(frozen=True)
class PlayedMap:
    """One map: the rounds that each side won, and what FACEIT would count."""

    name: str
    parts: tuple[tuple[int, int], ...]  # first half, second half, overtime
    figures: dict[str, Counter[str]]  # player id -> name of the figure -> figure

    @property
    def score(self) -> tuple[int, int]:
        """Rounds won by each side."""
        return sum(part[0] for part in self.parts), sum(part[1] for part in self.parts)

    @property
    def winner(self) -> int:
        """0 or 1."""
        return int(self.score[1] > self.score[0])


@dataclass(frozen=True)
class PlayedMatch:
    """A match that is over."""

    match_id: str
    game: str
    sides: tuple[Side, Side]
    maps: tuple[PlayedMap, ...]
    best_of: int
    started_at: datetime
    finished_at: datetime

    @property
    def score(self) -> tuple[int, int]:
        """Maps won by each side; the rounds where there was only one map."""
        if self.best_of == 1:
            return self.maps[0].score
        second = sum(played.winner for played in self.maps)
        return len(self.maps) - second, second

    @property
    def winner(self) -> int:
        """0 or 1."""
        return int(self.score[1] > self.score[0])


def invent_people(count: int, seed: int = 1) -> list[Person]:
    """Give so many players of all levels."""
    rng = random.Random(f"people {seed}")
    return [
        Person(
            player_id=_uuid(rng),
            nickname=f"{WORDS[number % len(WORDS)]}{number}",
            country=rng.choice(COUNTRIES),
            steam_id=f"7656119{rng.randrange(10**10):010}",
            elo=max(FIRST_ELO[0], round(rng.gauss(1500, 450))),
            sniper=0.6 if number % TEAM == SNIPER else rng.uniform(0, 0.08),
            support=1.0 if number % TEAM == SUPPORT else rng.uniform(0.1, 0.5),
        )
        for number in range(count)
    ]


def play(
    people: Sequence[Person], at: datetime, seed: int = 1, *, best_of: int = 1, game: str = "cs2"
) -> PlayedMatch:
    """Let ten people play, the first five against the others, until `at`."""
    rng = random.Random(f"match {seed}")
    sides = Side(tuple(people[:TEAM])), Side(tuple(people[TEAM : 2 * TEAM]))
    maps: list[PlayedMap] = []
    wins, enough = Counter[int](), best_of // 2 + 1
    for name in rng.sample(MAPS, best_of):
        if max(wins.values(), default=0) < enough:
            maps.append(_play_map(rng, sides, name, first_to=13 if game == "cs2" else 16))
            wins[maps[-1].winner] += 1
    length = timedelta(seconds=sum(sum(played.score) for played in maps) * 105)
    return PlayedMatch(f"1-{_uuid(rng)}", game, sides, tuple(maps), best_of, at - length, at)


def _uuid(rng: random.Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))


def _play_map(rng: random.Random, sides: tuple[Side, Side], name: str, first_to: int) -> PlayedMap:
    figures = {person.player_id: Counter[str]() for side in sides for person in side.people}
    first, second = (sum(person.elo for person in side.people) / TEAM for side in sides)
    chance = 1 / (1 + 10 ** ((second - first) / 2000))  # of a round, of which there are many
    parts = [[0, 0], [0, 0], [0, 0]]
    score, wanted, half = [0, 0], first_to, first_to - 1
    while max(score) < wanted:
        winner = int(rng.random() >= chance)
        _play_round(rng, sides, winner, figures)
        parts[min(sum(score) // half, 2)][winner] += 1
        score[winner] += 1
        if min(score) == wanted - 1:
            wanted += OVERTIME
    return PlayedMap(name, tuple((part[0], part[1]) for part in parts), figures)


def _play_round(
    rng: random.Random, sides: tuple[Side, Side], winner: int, figures: dict[str, Counter[str]]
) -> None:
    kills = []
    for number, side in enumerate(sides):
        most = rng.choice((3, 4, 5, 5, 5)) if number == winner else rng.choice((0, 1, 2, 2, 3, 4))
        for victim in rng.sample(sides[1 - number].people, most):
            killer = rng.choices(side.people, [person.elo + 500 for person in side.people])[0]
            kills.append((killer, victim, side))
    rng.shuffle(kills)
    for killer, victim, side in kills:
        _kill(rng, killer, victim, side, figures)
    opener, opened, _side = kills[0]
    figures[opener.player_id].update(("Entry Count", "Entry Wins", "First Kills"))
    figures[opened.player_id].update(("Entry Count",))
    for player_id, number in Counter(killer.player_id for killer, _victim, _side in kills).items():
        if number in MULTIPLE:
            figures[player_id][MULTIPLE[number]] += 1
    figures[rng.choice(sides[winner].people).player_id]["MVPs"] += 1
    for number, side in enumerate(sides):
        _last_one(rng, rng.choice(side.people), number == winner, figures)
        for person in side.people:
            _throw(rng, person, figures[person.player_id])


def _kill(
    rng: random.Random, killer: Person, victim: Person, side: Side, figures: dict[str, Counter[str]]
) -> None:
    line = figures[killer.player_id]
    line["Kills"] += 1
    figures[victim.player_id]["Deaths"] += 1
    own = rng.randint(60, 100)
    line["Damage"] += own
    line["Headshots"] += rng.random() < HEADSHOT
    if rng.random() < killer.sniper:
        line["Sniper Kills"] += 1
    elif rng.random() < PISTOL:
        line["Pistol Kills"] += 1
    elif rng.random() < ODD_WEAPON:
        line[rng.choice(("Knife Kills", "Zeus Kills"))] += 1
    helper = rng.choice(side.people)
    if helper is not killer:
        figures[helper.player_id]["Damage"] += 100 - own
        figures[helper.player_id]["Assists"] += own < HELPED


def _last_one(rng: random.Random, person: Person, won: bool, figures: dict[str, Counter[str]]) -> None:
    """Leave somebody alone now and then: he wins it when his side wins the round."""
    if rng.random() < CLUTCH:
        against = rng.choice((1, 1, 2))
        figures[person.player_id][f"1v{against}Count"] += 1
        figures[person.player_id][f"1v{against}Wins"] += won
        figures[person.player_id]["Clutch Kills"] += against if won else 0


def _throw(rng: random.Random, person: Person, line: Counter[str]) -> None:
    if rng.random() < person.support:
        hit = rng.choice((0, 0, 1, 2))
        line.update({"Flash Count": 1, "Flash Successes": int(hit > 0), "Enemies Flashed": hit})
    if rng.random() < person.support / 2:
        harm = rng.choice((0, 0, 12, 31))
        line.update(
            {"Utility Count": 1, "Utility Successes": int(harm > 0), "Utility Enemies": int(harm > 0)}
        )
        line["Utility Damage"] += harm
