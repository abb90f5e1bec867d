"""The books of a month: what came and went, in days of the bot's time zone."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from analytics.models import Span
from analytics.rollups.reading import History
from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput
from faceitbot.core.models import AuditEntry
from subscriptions.repositories import PaymentRepository
from tests.factories import OrderFactory, PaymentFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:month_report")
FILE = reverse("admin:month_file")
MARCH = date(2026, 3, 1)
BEGIN = datetime(2026, 2, 28, 21, tzinfo=UTC)  # midnight in Moscow
END = datetime(2026, 3, 31, 21, tzinfo=UTC)
LATER = datetime(2026, 6, 1, tzinfo=UTC)
repository = PaymentRepository()


def paid(at, *, refunded_at=None, kind="", user=None, **order):
    made = OrderFactory.create(user=user or UserFactory.create(), **order)
    return PaymentFactory.create(
        order=made,
        status="refunded" if refunded_at else "completed",
        telegram_payment_charge_id=f"charge of {made.pk}",
        charge_kind=kind,
        completed_at=at,
        refunded_at=refunded_at,
        created_at=at,
    )


def report(month=MARCH, now=LATER):
    return repository.get_month_report.blocking(month, now=now)


def day(of, number):
    return of["days"][number - 1]


def test_a_day_begins_at_midnight_of_the_bot(page):
    paid(BEGIN - timedelta(microseconds=1), stars=1)
    paid(BEGIN, stars=10)
    paid(END - timedelta(microseconds=1), stars=100)
    paid(END, stars=1_000)

    march = report()

    assert march["totals"]["revenue"] == 110
    assert march["before"]["revenue"] == 1
    assert (day(march, 1)["revenue"], day(march, 31)["revenue"]) == (10, 100)
    assert [each["day"] for each in march["days"]] == [f"2026-03-{n:02}" for n in range(1, 32)]


def test_money_that_went_back_counts_when_it_did(page):
    paid(BEGIN - timedelta(days=3), refunded_at=BEGIN + timedelta(days=4), stars=500)
    paid(BEGIN, refunded_at=END + timedelta(days=1), stars=70)

    march = report()

    assert march["totals"] == {
        "revenue": 70,
        "payments": 1,
        "refunded": 500,
        "refunds": 1,
        "net": -430,
        "renewals": 0,
        "renewed_revenue": 0,
        "new_buyers": 1,
    }
    assert (day(march, 5)["refunded"], day(march, 5)["net"]) == (500, -500)


def test_the_sums_are_those_of_the_revenue_figures(page):
    for number in range(40):
        at = BEGIN + timedelta(days=number - 4, hours=number)
        gone = at + timedelta(days=2) if number % 5 == 0 else None
        paid(
            at,
            refunded_at=gone,
            tier="pro" if number % 3 else "premium",
            duration="yearly" if number % 2 else "monthly",
            stars=100 + number,
        )

    march, stats = report(), repository.get_revenue_stats.blocking(BEGIN, END)

    totals = march["totals"]
    assert (totals["revenue"], totals["payments"], totals["refunded"]) == (
        stats["total_revenue"],
        stats["total_payments"],
        stats["refunded_revenue"],
    )
    assert {
        f"{plan['tier']}_{plan['duration']}": {"revenue": plan["revenue"], "payments": plan["payments"]}
        for plan in march["plans"]
        if plan["payments"]
    } == stats["revenue_breakdown"]
    for name in ("revenue", "payments", "refunded", "refunds", "net"):
        for parts in ("days", "plans", "tiers"):
            assert sum(each[name] for each in march[parts]) == totals[name]
    history = History.read()
    for name in ("revenue", "payments", "refunds"):
        by_day = history.series(name, BEGIN, END, Span.DAY)
        column = "refunded" if name == "refunds" else name
        assert [value for _day, value in by_day] == [each[column] for each in march["days"]]


def test_a_new_buyer_had_never_paid_before(page):
    old, new = UserFactory.create(), UserFactory.create()
    paid(BEGIN - timedelta(days=100), user=old)
    for number in range(2):
        paid(BEGIN + timedelta(days=number), user=old)
        paid(BEGIN + timedelta(days=number), user=new)

    assert report()["totals"]["new_buyers"] == 1


def test_a_renewal_is_a_charge_of_a_subscription_that_was_paid_before(page):
    for number, kind in enumerate(["", "first", "renewal", "renewal", "recurring"]):
        paid(BEGIN + timedelta(days=1), kind=kind, stars=10**number)
    first = paid(BEGIN - timedelta(days=30), kind="first", recurring=True)
    PaymentFactory.create(
        order=first.order,
        amount=50,
        status="completed",
        telegram_payment_charge_id="second",
        charge_kind="recurring",
        completed_at=BEGIN + timedelta(days=1),
    )

    march = report()

    for sums in (march["totals"], march["tiers"][0], march["plans"][0], day(march, 2)):
        assert (sums["renewals"], sums["renewed_revenue"]) == (3, 1_150)


def test_renewals_and_refunds_are_given_for_each_tier_and_plan(page):
    paid(BEGIN, tier="pro", stars=1)
    paid(BEGIN, tier="pro", kind="renewal", stars=10)
    paid(BEGIN, tier="pro", duration="yearly", days=365, stars=100, refunded_at=BEGIN + timedelta(days=1))
    paid(BEGIN, kind="renewal", stars=1_000)

    march = report()

    def shown(parts, *names):
        return [tuple(part[name] for name in (*names, "revenue", "renewals", "refunded")) for part in parts]

    assert shown(march["tiers"], "tier") == [("premium", 1_000, 1, 0), ("pro", 111, 1, 100)]
    assert shown(march["plans"], "tier", "duration") == [
        ("premium", "monthly", 1_000, 1, 0),
        ("pro", "monthly", 11, 1, 0),
        ("pro", "yearly", 100, 0, 100),
    ]


def test_a_month_that_is_not_over_is_compared_with_the_month_before_as_far(page):
    paid(BEGIN - timedelta(days=28) + timedelta(days=9), stars=1)  # the tenth of February
    paid(BEGIN - timedelta(days=28) + timedelta(days=12), stars=10)
    paid(BEGIN + timedelta(days=9), stars=100)

    running = report(now=BEGIN + timedelta(days=11))

    assert (running["totals"]["revenue"], running["before"]["revenue"]) == (100, 1)
    assert len(running["days"]) == 11


@pytest.mark.parametrize("month", [2, 3, 4], ids=["February", "March", "April"])
def test_a_month_that_is_over_is_compared_with_all_of_the_one_before(page, month):
    first = clock.start_of_day(date(2026, month, 1))
    paid(clock.start_of_day(date(2026, month - 1, 1)) - timedelta(microseconds=1), stars=1)
    paid(clock.start_of_day(date(2026, month - 1, 1)), stars=10)
    paid(first - timedelta(microseconds=1), stars=100)
    paid(first, stars=1_000)

    assert report(date(2026, month, 1))["before"]["revenue"] == 110


def test_a_longer_month_that_is_not_over_is_compared_with_all_of_the_shorter_one_before(page):
    paid(BEGIN - timedelta(hours=1), stars=1)
    paid(BEGIN, stars=10)

    assert report(now=END - timedelta(hours=1))["before"]["revenue"] == 1


def test_a_month_that_has_not_begun_is_refused():
    with pytest.raises(InvalidInput, match="2026-03 has not begun"):
        report(now=BEGIN - timedelta(seconds=1))


# ---- The page


def test_the_page_shows_the_month(page):
    paid(BEGIN + timedelta(days=1), stars=1_500)

    answer = page.get(PAGE, {"month": "2026-03"})

    assert "March 2026" in answer.text
    assert "1\u202f500\u00a0⭐" in answer.text
    assert (answer.context["month"].previous, answer.context["month"].next) == ("2026-02", "2026-04")
    [tier] = answer.context["tiers"]
    assert (tier["name"], tier["share"]) == ("Premium", 100.0)
    assert [(plan["name"], plan["share"]) for plan in tier["plans"]] == [("Premium, monthly", 100.0)]


def test_without_a_month_the_page_shows_the_present_one(page):
    answer = page.get(PAGE)

    assert answer.context["month"].value == f"{clock.today():%Y-%m}"
    assert answer.context["month"].next == ""
    assert "Nothing was sold in this time." in answer.text


@pytest.mark.parametrize("text", ["2026-13", "x", "2026", "9999-01", "1999-12", "2026-03-01", "\x00", "<b>"])
def test_what_is_no_month_is_named_and_the_present_one_shown(page, text):
    answer = page.get(PAGE, {"month": text})

    assert answer.status_code == 200
    assert "is no month that can be shown." in answer.text
    assert answer.context["month"].value == f"{clock.today():%Y-%m}"
    assert page.post(f"{FILE}?month=x").status_code == 400


def test_the_file_has_a_line_for_the_month_each_tier_each_plan_and_each_day(page, staff):
    paid(BEGIN, stars=300, tier="pro", duration="yearly", days=365)
    paid(BEGIN + timedelta(days=1), stars=20, kind="renewal", refunded_at=BEGIN + timedelta(days=1))

    answer = page.post(f"{FILE}?month=2026-03")

    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert answer["Content-Disposition"] == 'attachment; filename="month_2026-03.csv"'
    assert lines[:7] == [
        [
            "Line",
            "Of",
            "Payments",
            "Earned, Stars",
            "Refunds",
            "Given back, Stars",
            "Net, Stars",
            "Renewals",
            "New buyers",
        ],
        ["month", "'2026-03", "2", "320", "1", "20", "300", "1", "2"],
        ["tier", "Premium", "1", "20", "1", "20", "0", "1", ""],
        ["tier", "Pro", "1", "300", "0", "0", "300", "0", ""],
        ["plan", "Premium, monthly", "1", "20", "1", "20", "0", "1", ""],
        ["plan", "Pro, yearly", "1", "300", "0", "0", "300", "0", ""],
        ["day", "2026-03-01", "1", "300", "0", "0", "300", "0", ""],
    ]
    assert len(lines) == 6 + 31
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.after) == (
        "report.exported",
        staff,
        {"format": "csv", "rows": 36, "filter": ["month=2026-03"]},
    )


def test_the_report_is_for_those_who_have_the_permission():
    account = StaffFactory.create(is_superuser=False)
    account.user_permissions.add(
        Permission.objects.get(codename="view_payment", content_type__app_label="subscriptions")
    )
    client = Client()
    client.force_login(account)
    before = (
        client.get(PAGE).status_code,
        client.post(FILE).status_code,
        "Month report" in client.get("/admin/").text,
    )
    account.user_permissions.add(Permission.objects.get(codename="report_payment"))
    client.force_login(account)

    after = (
        client.get(PAGE).status_code,
        client.post(FILE).status_code,
        "Month report" in client.get("/admin/").text,
    )

    assert before == (403, 403, False)
    assert after == (200, 200, True)
    assert client.get(FILE).status_code == 405
