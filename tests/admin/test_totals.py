"""What the rows of a list of money come to, whatever it was narrowed by."""

from datetime import date, timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from faceitbot.core import clock
from faceitbot.core.lists import counting
from faceitbot.core.lists.time_limit import TookTooLong, time_limit
from subscriptions.models import Payment
from subscriptions.repositories import PaymentRepository
from tests.factories import OrderFactory, PaymentFactory, StaffFactory, StarTransactionFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:subscriptions_payment_changelist")
STARS = reverse("admin:subscriptions_startransaction_changelist")
TOTALS = reverse("admin:subscriptions_payment_totals")
NOW = clock.now()


def paid(number, *, refunded=False, **order):
    order = {"stars": 500, "list_stars": 500, **order}
    return PaymentFactory.create(
        order=OrderFactory.create(**order),
        status="refunded" if refunded else "completed",
        telegram_payment_charge_id=f"charge{number}",
        completed_at=NOW,
        refunded_at=NOW if refunded else None,
    )


def totals(answer):
    counted = answer.context["cl"].counted
    return (counted.number, *counted.totals.values())


def test_the_totals_are_those_of_all_pages(page):
    for number in range(60):
        paid(number, refunded=number % 4 == 0)
    PaymentFactory.create()  # expected, not paid

    answer = page.get(LIST)

    assert totals(answer) == (61, 30_000, 7_500, 22_500)
    assert "30\u202f000\u00a0⭐" in answer.text
    assert "22\u202f500\u00a0⭐" in answer.text


def test_the_totals_are_those_of_the_revenue_figures(page):
    for number in range(7):
        paid(number, refunded=number % 3 == 0)

    stats = PaymentRepository().get_revenue_stats.blocking()

    assert totals(page.get(LIST))[1:3] == (stats["total_revenue"], stats["refunded_revenue"])


def test_the_totals_of_a_month_are_those_of_its_report(page):
    """Each in its own days: what was completed then, and what went back then."""
    march, april = clock.start_of_day(date(2026, 3, 1)), clock.start_of_day(date(2026, 4, 1))
    for number, (made, completed, refunded) in enumerate(
        [
            (-1, 0, None),  # days since the first of March; the order is of February
            (1, 2, 3),
            (4, 5, 40),
            (-9, -8, 6),
            (30, 31, None),
        ]
    ):
        PaymentFactory.create(
            order=OrderFactory.create(stars=10**number),
            status="completed" if refunded is None else "refunded",
            telegram_payment_charge_id=f"charge{number}",
            created_at=march + timedelta(days=made),
            completed_at=march + timedelta(days=completed),
            refunded_at=None if refunded is None else march + timedelta(days=refunded),
        )
    month = PaymentRepository().get_month_report.blocking(date(2026, 3, 1))["totals"]

    with patch.object(clock, "now", return_value=april + timedelta(days=3)):
        page.force_login(StaffFactory.create())
        completed = page.get(LIST, {"completed": "last_month"}).context["cl"].counted.totals
        refunded = page.get(LIST, {"refunded": "last_month"}).context["cl"].counted.totals

    assert (completed["gross"], refunded["refunded"]) == (month["revenue"], month["refunded"]) == (111, 1_010)


def test_star_transactions_are_added_up_by_direction(page):
    for number, direction in enumerate(["in", "out", "in"]):
        StarTransactionFactory.create(amount=10**number, direction=direction)

    assert totals(page.get(STARS)) == (3, 101, 10)
    assert totals(page.get(STARS, {"direction__exact": "out"})) == (1, 0, 10)


def test_filter_and_search_narrow_the_totals(page):
    buyer = UserFactory.create()
    paid(1, tier="pro", stars=900, user=buyer)
    paid(2, tier="pro", refunded=True)
    paid(3, user=buyer)

    assert totals(page.get(LIST, {"tier__exact": "pro"})) == (2, 1_400, 500, 900)
    assert totals(page.get(LIST, {"q": str(buyer.telegram_id)})) == (2, 1_400, 0, 1_400)
    assert totals(page.get(LIST, {"q": str(buyer.telegram_id), "tier__exact": "pro"})) == (1, 900, 0, 900)
    assert totals(page.get(LIST, {"q": "nothing"})) == (0, 0, 0, 0)


def test_counting_and_adding_up_is_one_statement(page):
    paid(1)

    with CaptureQueriesContext(connection) as captured:
        page.get(LIST)

    sums = [query["sql"] for query in captured if "COUNT(" in query["sql"] or "SUM(" in query["sql"]]
    assert [(sql.count("COUNT("), sql.count("SUM(")) for sql in sums if '"payments"' in sql] == [(1, 3)]


# ---- Long lists


@pytest.fixture
def many():
    """Ten thousand and one payments of one Star."""
    order = OrderFactory.create()
    Payment.objects.bulk_create(
        Payment(
            order=order,
            user=order.user,
            amount=1,
            tier="premium",
            days=30,
            status="completed",
            telegram_payment_charge_id=str(number),
            completed_at=NOW,
            created_at=NOW - timedelta(seconds=number),
        )
        for number in range(10_001)
    )


def test_a_long_list_is_added_up_behind_its_page(page, many):
    answer = page.get(LIST)

    assert answer.context["cl"].counted.totals is None
    assert "More than ten thousand rows are being added up…" in answer.text
    assert f'hx-get="totals/{answer.context["cl"].get_query_string()}"' in answer.text
    assert 'hx-trigger="load"' in answer.text
    assert "10\u202f001\u00a0⭐" in page.get(TOTALS).text


def test_ten_thousand_are_added_up_at_once(page, many):
    newest = Payment.objects.earliest("created_at")
    answer = page.get(LIST, {"created_at__gt": newest.created_at.isoformat()})

    assert totals(answer) == (10_000, 10_000, 0, 10_000)


def test_totals_that_take_too_long_are_given_up_with_a_sentence(page, many, monkeypatch):
    monkeypatch.setattr(counting, "SECONDS_TO_ADD_UP", 0.001)

    assert "too many to add up" in page.get(TOTALS).text


def test_a_count_that_takes_too_long_is_an_estimate(page, many, monkeypatch):
    monkeypatch.setattr(counting, "SECONDS_TO_COUNT", 0.001)

    answer = page.get(LIST)

    assert answer.status_code == 200
    assert not answer.context["cl"].counted.is_exact


def test_a_time_limit_ends_with_its_block(db):
    def limit():
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            return cursor.fetchone()[0]

    before = limit()
    with time_limit(1.5):
        assert limit() == "1500ms"
    assert limit() == before
    with pytest.raises(TookTooLong), time_limit(0.01):
        connection.cursor().execute("SELECT pg_sleep(5)")
    assert limit() == before


def test_the_totals_are_for_those_who_may_see_payments():
    client = Client()
    client.force_login(StaffFactory.create(is_superuser=False))

    assert client.get(TOTALS).status_code == 403
    assert client.post(TOTALS).status_code in {403, 405}
