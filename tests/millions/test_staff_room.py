"""Whatever staff open asks the database little, among millions of rows as among thousands."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.urls import reverse

from faceitbot.core import clock
from faceitbot.staff_room.landing.period import CHOICES
from subscriptions.models import Payment, StarTransaction
from tests.millions.plans import explained, rows_read
from tests.millions.touring import address, lists, pages_of_list, visit
from tests.millions.years import FIRST_TELEGRAM_ID, NOBODY_HAS

pytestmark = [pytest.mark.proof("millions"), pytest.mark.django_db]

MOST_SECONDS = 0.3
MOST_SECONDS_OF_FIGURES = 1.0  # of weeks and months: of a tenth of all rows
MOST_QUERIES = 14  # of a list; a page from its middle is read range by range
MOST_QUERIES_OF_A_PAGE = 48  # that asks every domain
SECONDS_TO_WAIT = 15.0
MOST_ROWS = 4_000  # that a search looks at, to show fifty
EXPLAINED = 3
BUYER = 7_920  # with a nickname; he has bought the first payment
SEARCHES = {
    "Telegram id": str(FIRST_TELEGRAM_ID + BUYER),
    "Telegram id of nobody": str(NOBODY_HAS),
    "more digits than any id": "9" * 5_000,
    "nickname": f"SELECT faceit_nickname FROM users WHERE telegram_id = {FIRST_TELEGRAM_ID + 4}",
    "part of a nickname": "oxic",
    "two letters": "зз",
    "user's id": "SELECT md5('user' || 7920)::uuid",
    "payment's id": "SELECT md5('payment' || 2)::uuid",
    "id of nothing": "4f1b0c9e-3a53-4bd1-9d6f-0f7a0b7a1c11",
    "charge id": "SELECT 'stx' || md5('charge' || 2)",
    "payload": "SELECT 'pay:' || md5('order' || 2)::uuid",
    "referral code": "CODE99",
    "request id": "SELECT correlation_id FROM audit_entries LIMIT 1",
    "action": "grant.given",
    "words of nobody": "nobody like that",
}
FEW_SEARCHES = ("Telegram id", "part of a nickname", "charge id", "words of nobody")  # in the small size
every_list = pytest.mark.parametrize("model", [pytest.param(each, id=each._meta.label) for each in lists()])


@pytest.fixture(scope="module")
def visits():
    """What has been opened."""
    return []


@pytest.fixture
def terms(years, full_size):
    """What staff paste, by what it is."""
    asked = SEARCHES if full_size else {kind: SEARCHES[kind] for kind in FEW_SEARCHES}
    return {kind: _one(term) if term.startswith("SELECT") else term for kind, term in asked.items()}


@pytest.fixture
def tour(page, visits, full_size, report):
    """Give a function that opens pages, and says what was too dear.

    The machine may be busy with something else: what took too long is opened up to twice more.
    """

    def again(slow, most_seconds):
        return [visit(page, slow.url) for _try in range(2) if slow.seconds > most_seconds]

    def go(urls, most_queries=MOST_QUERIES, most_seconds=MOST_SECONDS):
        found = [visit(page, url) for url in urls]
        if full_size:
            found = [min([each, *again(each, most_seconds)], key=lambda one: one.seconds) for each in found]
            report(f"{len(found)} pages, the slowest {max(found, key=lambda each: each.seconds)}")
        visits.extend(found)
        return [
            str(each)
            for each in found
            if len(each.statements) > most_queries or (full_size and each.seconds > most_seconds)
        ]

    return go


@every_list
def test_a_list_and_its_far_pages_are_quick(page, years, tour, full_size, model):
    url = address(model)
    pages = list(pages_of_list(page, model)) if full_size else [url, f"{url}?p=last"]

    assert tour(pages) == []


@every_list
def test_a_search_looks_at_few_rows(tour, terms, visits, model):
    assert tour([f"{address(model)}?{urlencode({'q': term})}" for term in terms.values()]) == []
    assert many_rows_of(terms, visits) == {}


def test_finding_a_payment_looks_at_few_rows(tour, terms, visits):
    url = reverse("admin:find")

    assert tour([f"{url}?{urlencode({'q': term})}" for term in terms.values()], MOST_QUERIES_OF_A_PAGE) == []
    assert many_rows_of(terms, visits) == {}


def test_the_first_page_is_quick(years, tour):
    assert tour([reverse("admin:index")], MOST_QUERIES_OF_A_PAGE) == []


def test_the_months_are_quick(years, tour):
    month = reverse("admin:month_report")
    last = clock.today().replace(day=1) - timedelta(days=1)

    urls = [month, f"{month}?month={last:%Y-%m}"]
    assert tour(urls, MOST_QUERIES_OF_A_PAGE, MOST_SECONDS_OF_FIGURES) == []


def test_the_pages_of_a_row_are_quick(years, tour):
    rows = [model._default_manager.order_by("pk").first() for model in lists()]
    urls = [address(type(row), "change", row.pk) for row in rows if row]

    assert tour(urls, MOST_QUERIES_OF_A_PAGE) == []


def test_the_figures_of_every_period_are_quick(years, tour):
    urls = [f"{reverse('admin:figures')}?days={days}" for days in CHOICES]

    assert tour(urls, MOST_QUERIES_OF_A_PAGE, MOST_SECONDS_OF_FIGURES) == []


def test_the_health_of_all_is_quick(years, tour):
    """Here only web processes tell of themselves: the other kinds are looked for among all rows."""
    assert tour([reverse("admin:health")], MOST_QUERIES_OF_A_PAGE) == []


def test_what_is_worth_a_wait_ends(page, years, report):
    """A long list is added up behind its page."""
    urls = [address(Payment, "totals"), address(StarTransaction, "totals")]

    found = [visit(page, url) for url in urls]

    for each in found:
        report(str(each))
    assert [len(each.statements) <= MOST_QUERIES_OF_A_PAGE for each in found] == [True] * len(urls)
    assert [each.seconds < SECONDS_TO_WAIT for each in found] == [True] * len(urls)


def many_rows_of(terms, visits):
    """Give what was looked for at great expense in the last visits."""
    found = visits[-len(terms) :]
    read = {kind: max(map(rows_read, each.statements)) for kind, each in zip(terms, found, strict=True)}
    return {kind: rows for kind, rows in read.items() if rows > MOST_ROWS}


@pytest.fixture(scope="module", autouse=True)
def _plans_of_the_slowest(full_size, years, visits, report, django_db_blocker):
    """Print at the end how the database finds what took longest."""
    yield
    if not full_size:
        return
    with django_db_blocker.unblock():
        for each in sorted(visits, key=lambda each: -each.seconds)[:EXPLAINED]:
            report(f"{each}\n{each.slowest.sql}\n{explained(each.slowest)}\n")


def _one(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return str(cursor.fetchone()[0])
