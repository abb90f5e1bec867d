"""The life of one simulated person. Pure: the same seed and number give the same life."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from faceitbot.simulation.events import Event, Kind, Purchase
from faceitbot.simulation.population import Population

PERIOD = timedelta(days=30)
WEEK = timedelta(days=7)
# How busy each hour of the day is, in the zone of the bot: people play in the evening.
HOURS = (5, 3, 2, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 10, 12, 15, 18, 20, 21, 20, 16, 10)
MOST_WEEKS = 60


@dataclass(frozen=True)
class Person:
    """Who somebody is, and how far he will get."""

    number: int
    registered_at: datetime
    invited_by: int | None
    links: bool
    activates: bool
    purchase: Purchase | None
    abandons: bool


def person(
    seed: int, number: int, registered_at: datetime, population: Population, others: int
) -> tuple[Person, random.Random]:
    """Invent somebody, and give the dice of his life with him; `others` were there before."""
    dice = random.Random(f"{seed} person {number}")  # noqa: S311 - an invention, no secret
    invited_by = dice.randrange(others) if others and dice.random() < population.referral_share else None
    links = dice.random() < population.link_share
    activates = links and dice.random() < population.activation_share
    buys = activates and dice.random() < population.conversion_share
    bought = purchase(dice, population) if buys else None
    abandons = activates and dice.random() < population.abandoned_share
    return Person(number, registered_at, invited_by, links, activates, bought, abandons), dice


def purchase(dice: random.Random, population: Population) -> Purchase:
    """Choose what to buy."""
    tier = "pro" if dice.random() < population.pro_share else "premium"
    yearly = dice.random() < population.yearly_share
    recurring = not yearly and dice.random() < population.recurring_share
    charge = f"simulated{dice.getrandbits(80):020x}"
    return Purchase(tier, "yearly" if yearly else "monthly", recurring, charge)


def match_id(seed: int, day: datetime, dice: random.Random, population: Population) -> str:
    """Choose a match of a day; the first ones are chosen more often than the others."""
    chosen = min(dice.randrange(population.matches_a_day), dice.randrange(population.matches_a_day))
    bits = random.Random(f"{seed} match {day:%Y%m%d} {chosen}").getrandbits(128)  # noqa: S311
    return f"1-{UUID(int=bits)}"


def life(who: Person, dice: random.Random, seed: int, population: Population, end: datetime) -> list[Event]:
    """Give what somebody does until a moment, in the order of time."""
    begun = who.registered_at
    events = [Event(begun, who.number, Kind.REGISTER, who.invited_by)]
    if who.links:
        events.append(Event(begun + timedelta(minutes=2), who.number, Kind.LINK))
    if who.activates:
        first = begun + timedelta(minutes=5)
        match = match_id(seed, first, dice, population)
        events.append(Event(first, who.number, Kind.ANALYSE, match))
    events += _money(who, dice, population, begun + timedelta(minutes=20))
    for moment in _visits(who, dice, population, end):
        events += _visit(who, moment, dice, seed, population)
    return sorted(
        (event for event in events if event.at and event.at < end), key=lambda event: event.at or end
    )


def _money(who: Person, dice: random.Random, population: Population, opened: datetime) -> Iterator[Event]:
    if who.abandons:
        yield Event(opened, who.number, Kind.ORDER, purchase(dice, population))
    if who.purchase is None:
        return
    bought = opened + timedelta(hours=dice.uniform(0, 72))
    yield Event(bought, who.number, Kind.BUY, who.purchase)
    if dice.random() < population.refund_share:
        yield Event(bought + timedelta(hours=dice.uniform(1, 60)), who.number, Kind.REFUND)
        return
    period = 1
    while who.purchase.recurring and period < MOST_WEEKS:
        due = bought + period * PERIOD
        if dice.random() >= population.renewal_share:
            yield Event(due - timedelta(days=dice.uniform(1, 25)), who.number, Kind.CANCEL)
            return
        yield Event(due, who.number, Kind.RENEW, f"{who.purchase.charge}-{period}")
        period += 1


def _visits(who: Person, dice: random.Random, population: Population, end: datetime) -> Iterator[datetime]:
    """Give the moments when somebody comes: now and then, until a week after which he does not."""
    churn = population.weekly_churn_of_buyers if who.purchase else population.weekly_churn
    week = who.registered_at
    while week < end:
        for _visit_of_week in range(_about(population.visits_a_week, dice)):
            midnight = (week + timedelta(days=dice.randrange(7))).replace(hour=0, minute=0, second=0)
            hour = dice.choices(range(24), HOURS)[0] - 3  # Source: Moscow is three hours ahead of UTC
            moment = midnight + timedelta(hours=hour, seconds=dice.randrange(3600))
            if moment > who.registered_at + timedelta(hours=1):
                yield moment
        week += WEEK
        if dice.random() < churn:
            return


def _visit(
    who: Person, moment: datetime, dice: random.Random, seed: int, population: Population
) -> Iterator[Event]:
    yield Event(moment, who.number, Kind.VISIT, dice.randint(1, population.most_requests_a_visit))
    if not who.activates:
        return
    for number in range(_about(population.analyses_a_visit, dice)):
        at = moment + timedelta(minutes=number + 1)
        if dice.random() < population.failure_share:
            yield Event(at, who.number, Kind.FAIL)
        else:
            yield Event(at, who.number, Kind.ANALYSE, match_id(seed, moment, dice, population))


def _about(mean: float, dice: random.Random) -> int:
    """Give a number from 0 to twice the mean, and the mean on average."""
    whole = int(2 * mean * dice.random() + dice.random())
    return max(0, whole)
