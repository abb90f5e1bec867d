"""Days on the staff's pages are those of Moscow, where the bot lives; the servers' clock is UTC."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib import admin
from django.urls import reverse

from faceitbot.core import clock
from faceitbot.core.models import AuditEntry
from faceitbot.core.periods import PERIODS, PeriodFilter, days_of
from subscriptions.models import Order, Payment, StarTransaction
from tests.factories import OrderFactory, StarTransactionFactory, UserFactory
from users.models import User

pytestmark = pytest.mark.django_db

# Moscow is three hours ahead: its 24 November begins at 21:00 UTC of the 23rd.
MIDNIGHT = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
A_MOMENT = timedelta(microseconds=1)
USERS = reverse("admin:users_user_changelist")


@pytest.fixture
def at(monkeypatch, page, staff):
    """Set the clock, and sign in by it."""

    def setting(moment):
        monkeypatch.setattr(clock, "now", lambda: moment)
        page.force_login(staff)

    return setting


def shown(page, url, **query):
    return {row.pk for row in page.get(url, query).context["cl"].result_list}


@pytest.mark.parametrize(
    ("now", "today", "yesterday"),
    [
        (MIDNIGHT - A_MOMENT, ["before"], []),
        (MIDNIGHT, ["midnight", "late"], ["before"]),
        (datetime(2026, 11, 23, 23, 59, tzinfo=UTC), ["midnight", "late"], ["before"]),
        (datetime(2026, 11, 24, 20, 59, tzinfo=UTC), ["midnight", "late"], ["before"]),
        (datetime(2026, 11, 24, 21, 0, tzinfo=UTC), [], ["midnight", "late"]),
    ],
)
def test_a_day_begins_at_midnight_of_the_bots_zone(page, at, now, today, yesterday):
    made = {
        name: UserFactory.create(created_at=moment).pk
        for name, moment in {
            "before": MIDNIGHT - A_MOMENT,
            "midnight": MIDNIGHT,
            "late": datetime(2026, 11, 23, 23, 59, tzinfo=UTC),
        }.items()
    }
    at(now)

    assert shown(page, USERS, registered="today") == {made[name] for name in today}
    assert shown(page, USERS, registered="yesterday") == {made[name] for name in yesterday}


@pytest.mark.parametrize(
    ("url", "make", "column"),
    [
        (reverse("admin:subscriptions_order_changelist"), OrderFactory.create, "created_at"),
        (reverse("admin:subscriptions_startransaction_changelist"), StarTransactionFactory.create, "at"),
    ],
)
def test_lists_of_money_cut_days_in_the_same_way(page, at, url, make, column):
    yesterday = make(**{column: MIDNIGHT - A_MOMENT}).pk
    today = make(**{column: MIDNIGHT}).pk
    at(MIDNIGHT + timedelta(hours=2))

    assert shown(page, url, period="today") == {today}
    assert shown(page, url, period="yesterday") == {yesterday}


def test_the_audit_log_cuts_days_in_the_same_way(page, staff, at):
    url = reverse("admin:core_auditentry_changelist")
    entries = [
        AuditEntry.objects.create(
            actor=staff, action="user.blocked", object_label="users.user", object_id="1", at=moment
        ).pk
        for moment in (MIDNIGHT - A_MOMENT, MIDNIGHT)
    ]
    at(MIDNIGHT + timedelta(hours=2))

    assert shown(page, url, period="yesterday") == {entries[0]}
    assert shown(page, url, period="today") == {entries[1]}


@pytest.mark.parametrize(
    ("period", "first", "end"),
    [
        ("today", date(2026, 3, 31), date(2026, 4, 1)),
        ("yesterday", date(2026, 3, 30), date(2026, 3, 31)),
        ("week", date(2026, 3, 25), date(2026, 4, 1)),
        ("month", date(2026, 3, 2), date(2026, 4, 1)),
        ("quarter", date(2026, 1, 1), date(2026, 4, 1)),
        ("this_month", date(2026, 3, 1), date(2026, 4, 1)),
        ("last_month", date(2026, 2, 1), date(2026, 3, 1)),
    ],
)
def test_a_period_has_whole_days(period, first, end):
    assert days_of(period, date(2026, 3, 31)) == (first, end)


def test_every_period_has_its_days():
    assert all(len(days_of(period, date(2026, 1, 31))) == 2 for period in PERIODS)


def test_january_follows_december():
    assert days_of("last_month", date(2026, 1, 31)) == (date(2025, 12, 1), date(2026, 1, 1))


def test_the_period_of_an_unknown_name_is_all_the_time(page):
    user = UserFactory.create()

    assert shown(page, USERS, registered="tomorrow") == {user.pk}


def test_a_time_is_shown_in_the_zone_of_the_bot(page):
    user = UserFactory.create(blocked_at=MIDNIGHT)

    text = page.get(reverse("admin:users_user_change", args=[user.pk])).text

    assert "24 November 2026, 00:00" in text
    assert "21:00" not in text


def test_a_period_is_read_from_an_index():
    """`gte` and `lt` of the column itself: a cast to a date could use none of the indexes there are."""
    for model in (User, Order, Payment, StarTransaction):
        filters = admin.site.get_model_admin(model).list_filter
        found = [each for each in filters if isinstance(each, type) and issubclass(each, PeriodFilter)]
        first_columns = {index.fields[0].lstrip("-") for index in model._meta.indexes if index.fields}

        assert found
        assert {each.column for each in found} <= first_columns
