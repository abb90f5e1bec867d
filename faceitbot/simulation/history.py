"""The past of a population, day by day. Pure: the same plan gives the same events."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from faceitbot.simulation.events import Event
from faceitbot.simulation.lives import HOURS, Person, life, person
from faceitbot.simulation.population import Population

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Plan:
    """Which past is invented: so many days up to a moment."""

    seed: int
    days: int
    end: datetime
    population: Population = field(default_factory=Population)

    @property
    def start(self) -> datetime:
        """The moment at which the first of them registers, or later."""
        return self.end - self.days * DAY


def people(plan: Plan) -> Iterator[tuple[Person, random.Random]]:
    """Give all who register, in that order, with the dice of their lives."""
    number = 0
    for day in range(plan.days):
        dice = random.Random(f"{plan.seed} day {day}")  # noqa: S311 - an invention, no secret
        begun = plan.start + day * DAY
        moments = sorted(begun + _moment(begun, dice) for _one in range(_coming(plan, day, dice)))
        for moment in moments:
            yield person(plan.seed, number, moment, plan.population, number)
            number += 1


def days(plan: Plan) -> list[list[Event]]:
    """Give what happens on each day, in the order of time."""
    found: list[list[Event]] = [[] for _day in range(plan.days)]
    for who, dice in people(plan):
        for event in life(who, dice, plan.seed, plan.population, plan.end):
            if event.at is not None:
                found[(event.at - plan.start) // DAY].append(event)
    for day in found:
        day.sort(key=lambda event: (event.at or plan.end, event.number))
    return found


def _coming(plan: Plan, day: int, dice: random.Random) -> int:
    growth = plan.population.growth * ((day + 0.5) / plan.days - 0.5)
    mean = plan.population.registrations_a_day * (1 + growth)
    return max(0, round(dice.gauss(mean, mean**0.5)))


def _moment(begun: datetime, dice: random.Random) -> timedelta:
    """Give a moment of the day, at which people are awake."""
    hour = dice.choices(range(24), HOURS)[0] - 3  # Source: Moscow is three hours ahead of UTC
    return timedelta(hours=(hour - begun.hour) % 24, seconds=dice.randrange(3600)) % DAY
