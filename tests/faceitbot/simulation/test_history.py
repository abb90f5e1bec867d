"""What is invented: the same for the same seed, and with the habits that were asked for."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from faceitbot.simulation.events import Kind
from faceitbot.simulation.history import Plan, days, people
from faceitbot.simulation.population import Population

END = datetime(2026, 11, 20, 12, tzinfo=UTC)
MANY = Plan(5, 60, END)


@pytest.fixture(scope="module")
def events():
    return [event for day in days(MANY) for event in day]


def test_a_seed_always_invents_the_same(events):
    assert [event for day in days(MANY) for event in day] == events
    assert [event for day in days(Plan(6, 60, END)) for event in day] != events


def test_everything_happens_within_its_day_and_in_order():
    for number, day in enumerate(days(MANY)):
        moments = [event.at for event in day]
        assert moments == sorted(moments)
        assert moments[0] >= MANY.start + timedelta(days=number)
        assert moments[-1] < MANY.start + timedelta(days=number + 1)


def test_nobody_does_anything_before_he_registers(events):
    seen = set()
    for event in events:
        if event.kind == Kind.REGISTER:
            seen.add(event.number)
        assert event.number in seen


def test_habits_come_out_as_they_were_put_in():
    population = Population()
    all_of_them = [who for who, _dice in people(MANY)]
    linked = [who for who in all_of_them if who.links]
    active = [who for who in linked if who.activates]

    assert len(all_of_them) == pytest.approx(60 * population.registrations_a_day, rel=0.1)
    assert len(linked) / len(all_of_them) == pytest.approx(population.link_share, abs=0.05)
    assert len(active) / len(linked) == pytest.approx(population.activation_share, abs=0.05)
    buyers = [who for who in active if who.purchase]
    assert len(buyers) / len(active) == pytest.approx(population.conversion_share, abs=0.04)
    invited = [who for who in all_of_them if who.invited_by is not None]
    assert len(invited) / len(all_of_them) == pytest.approx(population.referral_share, abs=0.04)


def test_every_kind_of_event_happens(events):
    assert set(Counter(event.kind for event in events)) == set(Kind)


def test_charges_are_never_the_same_twice(events):
    charges = [event.value for event in events if event.kind == Kind.RENEW]
    charges += [event.value.charge for event in events if event.kind == Kind.BUY]

    assert len(set(charges)) == len(charges)
