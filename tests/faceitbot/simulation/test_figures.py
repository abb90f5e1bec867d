"""The figures of a simulated past are those that its plan says."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import call_command

from analytics.repositories import AnalyticsRepository, RollUpRepository
from faceitbot.core.models import AuditEntry
from faceitbot.management.commands import simulate_traffic
from faceitbot.simulation.events import Kind
from faceitbot.simulation.history import Plan, days
from faceitbot.simulation.population import Population

pytestmark = pytest.mark.django_db
DAYS, SEED, WEEKS = 14, 11, 4
OF_TELEGRAM = {Kind.RENEW, Kind.CANCEL, Kind.REFUND}
# Some get to each step and no further.
POPULATION = Population(
    registrations_a_day=3.0,
    link_share=0.8,
    activation_share=0.7,
    conversion_share=0.5,
    refund_share=0.2,
    failure_share=0.1,
)
analytics = AnalyticsRepository()


@pytest.fixture
def plan(monkeypatch):
    """Let a past be filled, and give its plan."""
    monkeypatch.setattr(simulate_traffic, "Population", lambda: replace(POPULATION))
    call_command("simulate_traffic", days=DAYS, seed=SEED)
    end = datetime.fromisoformat(AuditEntry.objects.get(action="simulation.begun").after["end"])
    return Plan(SEED, DAYS, end, POPULATION)


def planned(plan):
    """Give the events of each person, by his number."""
    found = defaultdict(list)
    for day in days(plan):
        for event in day:
            found[event.number].append(event)
    return found


def planned_steps(plan, start, end):
    """Give how many of those who come within a stretch get to each step of the funnel."""
    came = [
        {event.kind for event in events}
        for events in planned(plan).values()
        if any(event.kind == Kind.REGISTER and start <= event.at < end for event in events)
    ]
    path = (Kind.REGISTER, Kind.LINK, Kind.ANALYSE, Kind.BUY)
    return [sum(kinds.issuperset(path[:length]) for kinds in came) for length in range(1, len(path) + 1)]


def planned_cohorts(plan):
    """Give how many come in each of the last weeks, and do something in each week from then on."""

    def monday(moment):
        day = moment.astimezone(ZoneInfo(settings.BOT_TIME_ZONE)).date()
        return day - timedelta(days=day.weekday())

    came, active = defaultdict(set), defaultdict(set)
    for number, events in planned(plan).items():
        cohort = next(monday(event.at) for event in events if event.kind == Kind.REGISTER)
        came[cohort].add(number)
        for event in events:
            if event.kind not in OF_TELEGRAM:  # for these nobody need be there
                active[cohort, monday(event.at)].add(number)
    weeks = [monday(plan.end) - timedelta(weeks=age) for age in reversed(range(WEEKS))]
    return [
        (
            cohort.isoformat(),
            len(came[cohort]),
            [len(active[cohort, week]) for week in weeks if week >= cohort],
        )
        for cohort in weeks
    ]


def test_everybody_is_at_the_step_of_the_funnel_that_was_planned(plan):
    middle = plan.start + timedelta(days=DAYS / 2)
    for start, end in ((plan.start, plan.end), (plan.start, middle), (middle, plan.end)):
        wanted = planned_steps(plan, start, end)

        steps = analytics.get_funnel.blocking(start, end, now=plan.end)["steps"]

        assert [step["step"] for step in steps] == ["registered", "linked", "first_analysis", "paying"]
        assert [step["users"] for step in steps] == wanted
        assert wanted == sorted(set(wanted), reverse=True), "each step loses somebody"
        assert [step["share"] for step in steps] == [
            pytest.approx(users * 100 / wanted[0], abs=0.01) for users in wanted
        ]


@pytest.mark.parametrize("summed_up", [False, True])
def test_the_cohorts_are_those_that_were_planned(plan, summed_up):
    wanted = planned_cohorts(plan)
    if summed_up:
        RollUpRepository().update_roll_ups.blocking(now=plan.end)

    cohorts = analytics.get_retention_cohorts.blocking(WEEKS, now=plan.end)["cohorts"]

    assert [(row["week"], row["users"], row["active"]) for row in cohorts] == wanted
    people = sum(users for _week, users, _active in wanted)
    assert people == planned_steps(plan, plan.start, plan.end)[0]
    assert any(0 < later < users for _week, users, active in wanted for later in active[1:])
