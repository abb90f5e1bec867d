"""An endless stream of what people do now, in the mixture of a grown population. Pure, by the dice given."""

import random
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime

from faceitbot.simulation.events import Event, Kind, Purchase
from faceitbot.simulation.lives import match_id, person, purchase
from faceitbot.simulation.population import Population

REGISTRATIONS = 0.06  # of what begins something, the rest are people who come back
REMEMBERED_BUYERS = 500


class Traffic:
    """Invents one event after the other; knows only whom it has invented, and who has bought.

    `people` are there already: their numbers are 0 to `people` - 1.
    """

    def __init__(self, seed: int, population: Population, people: int, dice: random.Random) -> None:
        self._seed, self._population, self._dice = seed, population, dice
        self._people = people
        self._buyers: deque[tuple[int, Purchase, int]] = deque(maxlen=REMEMBERED_BUYERS)

    def events(self, now: Callable[[], datetime]) -> Iterator[Event]:
        """Give events without an end; matches are those of the day that it is then."""
        while True:
            day = now()
            if not self._people or self._dice.random() < REGISTRATIONS:
                yield from self._newcomer(day)
            else:
                # Who came lately comes back more often.
                number = int(self._people * self._dice.random() ** 0.5)
                yield from self._visitor(min(number, self._people - 1), day)

    def _newcomer(self, day: datetime) -> Iterator[Event]:
        dice, population, number = self._dice, self._population, self._people
        invited = number and dice.random() < population.referral_share
        self._people += 1
        yield Event(None, number, Kind.REGISTER, dice.randrange(number) if invited else None)
        if dice.random() >= population.link_share:
            return
        yield Event(None, number, Kind.LINK)
        if dice.random() >= population.activation_share:
            return
        yield Event(None, number, Kind.ANALYSE, self._match(day))
        yield from self._money(number)

    def _visitor(self, number: int, day: datetime) -> Iterator[Event]:
        dice, population = self._dice, self._population
        yield Event(None, number, Kind.VISIT, dice.randint(1, population.most_requests_a_visit))
        # What he is like is known by his number: the past was made of the same people.
        known = person(self._seed, number, day, population, number)[0]
        if known.activates and dice.random() < population.analyses_a_visit:
            fails = dice.random() < population.failure_share
            yield Event(
                None, number, Kind.FAIL if fails else Kind.ANALYSE, None if fails else self._match(day)
            )
        if self._buyers and dice.random() < population.conversion_share / 10:
            yield self._later()

    def _money(self, number: int) -> Iterator[Event]:
        dice, population = self._dice, self._population
        wanted = purchase(dice, population)
        if dice.random() < population.abandoned_share:
            yield Event(None, number, Kind.ORDER, wanted)
        if dice.random() < population.conversion_share:
            yield Event(None, number, Kind.BUY, wanted)
            self._buyers.append((number, wanted, 0))

    def _later(self) -> Event:
        """Let the buyer who waits longest renew, cancel or get his money back."""
        number, bought, periods = self._buyers.popleft()
        if not periods and self._dice.random() < self._population.refund_share:
            return Event(None, number, Kind.REFUND)
        if not bought.recurring:
            return Event(None, number, Kind.VISIT, 1)
        if self._dice.random() >= self._population.renewal_share:
            return Event(None, number, Kind.CANCEL)
        self._buyers.append((number, bought, periods + 1))
        return Event(None, number, Kind.RENEW, f"{bought.charge}-{periods + 1}")

    def _match(self, day: datetime) -> str:
        return match_id(self._seed, day, self._dice, self._population)
