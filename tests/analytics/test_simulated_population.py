"""Cohorts, funnel and renewals of a population whose parameters are known come out as they were put in."""

import random
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from analytics.repositories import AnalyticsRepository, RollUpRepository
from faceitbot.core import clock
from tests.factories import MatchAnalysisFactory, OrderFactory, PaymentFactory
from users.models import User, UserActivity

pytestmark = pytest.mark.django_db
WEEKS, A_WEEK, STAY = 6, 20, 0.75
LINKED, ANALYSED, PAYING = 0.6, 0.5, 0.5  # of those at the step before
analytics = AnalyticsRepository()
FIRST = date(2026, 2, 23)  # a Monday
NOW = clock.start_of_day(FIRST + timedelta(weeks=WEEKS)) - timedelta(minutes=1)


def monday(week):
    return clock.start_of_day(FIRST + timedelta(weeks=week))


def staying(week):
    """Give how many of a cohort are active so many weeks after they came."""
    return round(A_WEEK * STAY**week)


@pytest.fixture
def population():
    """Let a cohort come each week, at any time of it, and its members come back at any time of later ones."""
    chance = random.Random(20260223)
    users, activity = [], {}
    for cohort in range(WEEKS):
        members = [
            User(
                id=uuid4(),
                telegram_id=cohort * A_WEEK + number + 1,
                created_at=monday(cohort)
                + timedelta(minutes=chance.choice([0, 7 * 24 * 60 - 1, 500 * number])),
            )
            for number in range(A_WEEK)
        ]
        users += members
        for age in range(WEEKS - cohort):
            for member in chance.sample(members, staying(age)):
                for _ in range(3):
                    hour = monday(cohort + age) + timedelta(
                        hours=chance.choice([0, chance.randrange(168), 167])
                    )
                    activity[member.pk, hour] = UserActivity(user=member, hour=hour, requests=1)
    User.objects.bulk_create(users)
    UserActivity.objects.bulk_create(activity.values())
    _climb(users)
    return users


def _climb(users):
    linked = users[: round(len(users) * LINKED)]
    for user in linked:
        User.objects.filter(pk=user.pk).update(faceit_player_id=str(user.pk))
    analysed = linked[: round(len(linked) * ANALYSED)]
    for user in analysed:
        MatchAnalysisFactory.create(user=user, analysed_at=NOW)
    never_linked = users[-1]  # who pays all the same: at no step but the first
    for user in [*analysed[: round(len(analysed) * PAYING)], never_linked]:
        PaymentFactory.create(
            order=OrderFactory.create(user=user),
            status="completed",
            telegram_payment_charge_id=str(user.pk),
            completed_at=NOW - timedelta(days=1),
        )


def expected_cohorts():
    return [
        {
            "week": (FIRST + timedelta(weeks=cohort)).isoformat(),
            "users": A_WEEK,
            "active": [staying(age) for age in range(WEEKS - cohort)],
            "retention": [staying(age) * 100 / A_WEEK for age in range(WEEKS - cohort)],
        }
        for cohort in range(WEEKS)
    ]


@pytest.mark.parametrize("summed_up_to", [None, monday(3) + timedelta(hours=40), NOW])
def test_the_cohorts_are_those_that_were_simulated(population, summed_up_to):
    if summed_up_to:
        RollUpRepository().update_roll_ups.blocking(now=summed_up_to)

    found = analytics.get_retention_cohorts.blocking(WEEKS, now=NOW)

    assert found == {"weeks": WEEKS, "cohorts": expected_cohorts()}


def test_who_comes_back_later_changes_nothing_of_the_past(population):
    RollUpRepository().update_roll_ups.blocking(now=NOW)
    later = NOW + timedelta(days=2)
    UserActivity.objects.bulk_create(
        UserActivity(user=user, hour=later.replace(minute=0, second=0, microsecond=0), requests=9)
        for user in population
    )

    found = analytics.get_retention_cohorts.blocking(WEEKS + 1, now=later)["cohorts"]

    wanted = expected_cohorts()
    assert [row["active"][:-1] for row in found[:-1]] == [row["active"] for row in wanted]
    assert [row["active"][-1] for row in found] == [A_WEEK] * WEEKS + [0]


def test_the_funnel_is_the_one_that_was_simulated(population):
    steps = analytics.get_funnel.blocking(monday(0), monday(WEEKS))["steps"]

    assert [(step["step"], step["users"], step["share"], step["rate"]) for step in steps] == [
        ("registered", 120, 100.0, 100.0),
        ("linked", 72, 60.0, 60.0),
        ("first_analysis", 36, 30.0, 50.0),
        ("paying", 18, 15.0, 50.0),
    ]


def at(day):
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)


@pytest.mark.parametrize(
    ("paid_on", "known", "figures"),
    [
        ([0], 34, (1, 0, 1, 0)),
        ([0], 32, (1, 0, 0, 1)),
        ([0, 30], 50, (1, 1, 0, 0)),
        ([0, 33], 50, (1, 1, 0, 0)),
        ([0, 34], 50, (1, 0, 1, 0)),
        ([0, 10], 50, (1, 1, 0, 0)),  # the second month ends on day 60
        ([0, 10], 100, (2, 1, 1, 0)),
        ([0, 10, 20], 92, (3, 2, 0, 1)),  # on days 30, 60, 90, of which the last is decided on day 93
        ([0, 10, 20], 94, (3, 2, 1, 0)),
        ([0, 70], 103, (2, 0, 1, 1)),
        ([0, 70], 110, (2, 0, 2, 0)),
    ],
)
def test_time_that_was_paid_for_ends_when_what_was_bought_before_has_ended(paid_on, known, figures):
    """Days of payments of one month each, and {due, renewed, churned, undecided} as known on a later day."""
    order = OrderFactory.create()
    for day in paid_on:
        PaymentFactory.create(
            order=order, status="completed", telegram_payment_charge_id=f"charge-{day}", completed_at=at(day)
        )

    found = analytics.get_churn.blocking(at(0), at(min(known, 102)), now=at(known))

    assert (found["due"], found["renewed"], found["churned"], found["undecided"]) == figures


def test_the_time_that_begins_the_figures_of_an_old_subscriber_is_known():
    """Who has paid for years is followed from his first payment, also by figures of one month."""
    order = OrderFactory.create()
    for month in range(24):
        PaymentFactory.create(
            order=order,
            status="completed",
            telegram_payment_charge_id=f"charge-{month}",
            completed_at=at(month * 30),
        )

    found = analytics.get_churn.blocking(at(690), at(720), now=at(720))

    assert (found["due"], found["renewed"], found["churned"], found["undecided"]) == (1, 1, 0, 0)


@pytest.mark.parametrize(
    ("bought", "ends_on", "paid_again_on"),
    [
        ([(0, 365), (1, 365)], 730, 731),
        ([(0, 365), (1, 365), (2, 365), (3, 365)], 1460, None),
        ([(0, 365), (1, 30), (2, 365)], 760, 761),
        ([(0, 30), (1, 3_650)], 3_680, None),
    ],
)
def test_what_was_bought_years_ahead_is_due_when_all_of_it_ends(bought, ends_on, paid_again_on):
    """Purchases as (day, days), of which the last is older than all that a year ahead needs."""
    begun = at(-4_000)

    def pay(day, days):
        PaymentFactory.create(
            order=order,
            days=days,
            status="completed",
            telegram_payment_charge_id=f"charge-{day}",
            completed_at=begun + timedelta(days=day),
        )

    def churn(first, last):
        start, end = begun + timedelta(days=first), begun + timedelta(days=last)
        found = analytics.get_churn.blocking(start, end, now=end + timedelta(days=9))
        return found["due"], found["renewed"], found["churned"]

    order = OrderFactory.create()
    for purchase in bought:
        pay(*purchase)
    if paid_again_on:
        pay(paid_again_on, 30)

    assert churn(ends_on - 29, ends_on) == (0, 0, 0)
    assert churn(ends_on, ends_on + 1) == ((1, 1, 0) if paid_again_on else (1, 0, 1))
    assert churn(ends_on - 29, ends_on + 1) == ((1, 1, 0) if paid_again_on else (1, 0, 1))
