"""Every page of every registered model opens, with a search, in a bounded number of queries."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from faceitbot.core.models import AuditEntry
from tests.admin.rows import make_rows

pytestmark = pytest.mark.django_db

MOST_QUERIES = 12
MOST_QUERIES_OF_A_ROW = 24  # the page of a user asks every domain
SEARCHES = [
    "9" * 40,
    "9" * 5_000,  # more than Python reads as one number
    "5000000001",
    "name",
    "Ёж",
    "4f1b0c9e-3a53-4bd1-9d6f-0f7a0b7a1c11",
    "a\x00b",
    "\x1b[31m",
    "'; DROP TABLE users; --",
    "100%_\\",
    '"open',
    "ж" * 5000,
]
NO_ROWS = ["0", "no-such-row", "_00", "x" * 300]


def models(wanted=lambda _page: True):
    """Parametrize a test with the models whose pages are wanted."""
    pages = admin.site._registry.items()
    found = [pytest.param(model, id=model._meta.label) for model, its_page in pages if wanted(its_page)]
    return pytest.mark.parametrize("model", found)


every_model = models()


def address(model, view, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def expected(allowed):
    return 200 if allowed else 403


def queries_of(page, url):
    with CaptureQueriesContext(connection) as captured:
        answer = page.get(url)
    assert answer.status_code == 200
    return len(captured)


@every_model
def test_a_list_opens_with_a_search_box_that_says_what_it_finds(page, model):
    make_rows(model, 0, 2)

    answer = page.get(address(model, "changelist"))

    found = admin.site.get_model_admin(model)
    assert answer.status_code == 200
    assert found.get_search_fields(answer.wsgi_request), "every list opens with a search"
    assert found.search_help_text, "a search says what it finds"
    assert 'id="searchbar"' in answer.text


@every_model
def test_a_list_takes_any_search(page, model):
    make_rows(model, 0, 2)

    found = {term: page.get(address(model, "changelist"), {"q": term}).status_code for term in SEARCHES}

    assert found == dict.fromkeys(SEARCHES, 200)


@models(lambda its_page: its_page.list_filter)
def test_a_list_takes_each_choice_of_each_filter(page, model):
    make_rows(model, 0, 2)
    url = address(model, "changelist")
    changelist = page.get(url).context["cl"]

    choices = [
        choice["query_string"]
        for filter_ in changelist.filter_specs
        for choice in filter_.choices(changelist)
        if "query_string" in choice
    ]

    assert len(choices) > 1
    assert [page.get(url + choice).status_code for choice in choices] == [200] * len(choices)


@every_model
def test_a_list_takes_each_order(page, model):
    make_rows(model, 0, 2)
    url = address(model, "changelist")
    columns = range(1, len(page.get(url).context["cl"].list_display) + 1)

    assert {page.get(url, {"o": f"{sign}{n}"}).status_code for n in columns for sign in ("", "-")} == {200}


@every_model
def test_a_list_forgives_an_address_that_makes_no_sense(page, model):
    nonsense = ("p=999", "p=x", "o=99.x", "no_such_field=1")

    found = {
        each: page.get(f"{address(model, 'changelist')}?{each}", follow=True).status_code for each in nonsense
    }

    assert found == dict.fromkeys(nonsense, 200)


@every_model
def test_the_pages_of_one_row_open(page, model):
    row = make_rows(model, 0, 1)[0]
    request = page.get(address(model, "changelist")).wsgi_request
    may = admin.site.get_model_admin(model)

    statuses = {
        view: page.get(address(model, view, row.pk)).status_code for view in ("change", "history", "delete")
    }

    assert statuses == {"change": 200, "history": 200, "delete": expected(may.has_delete_permission(request))}


@every_model
def test_the_page_for_a_new_row_opens(page, model):
    request = page.get(address(model, "changelist")).wsgi_request
    allowed = admin.site.get_model_admin(model).has_add_permission(request)

    assert page.get(address(model, "add")).status_code == expected(allowed)


@every_model
def test_a_row_that_is_not_there_is_no_error(page, model):
    pages = [(view, key) for view in ("change", "history", "delete") for key in NO_ROWS]

    found = {(view, key): page.get(address(model, view, key)).status_code for view, key in pages}

    assert {each: status for each, status in found.items() if status not in {302, 403, 404}} == {}


@every_model
def test_a_list_needs_as_many_queries_for_forty_rows_as_for_five(page, model):
    make_rows(model, 0, 5)
    url = address(model, "changelist")
    page.get(url)  # fills the caches of the process
    few = queries_of(page, url)
    make_rows(model, 5, 35)

    many = queries_of(page, url)
    make_rows(model, 40, 160)  # on several pages, and counted

    assert many == few
    assert queries_of(page, url) <= MOST_QUERIES


@every_model
def test_a_row_needs_as_many_queries_among_two_hundred_as_among_five(page, model):
    row = make_rows(model, 0, 5)[0]
    url = address(model, "change", row.pk)
    page.get(url)
    few = queries_of(page, url)
    make_rows(model, 5, 195)

    many = queries_of(page, url)

    assert few <= MOST_QUERIES_OF_A_ROW
    assert many == few


def test_the_walk_counts_queries_that_grow(page):
    """Control: without `select_related` the audit log would ask once for each actor."""
    make_rows(AuditEntry, 0, 5)
    with CaptureQueriesContext(connection) as captured:
        for entry in AuditEntry.objects.all():
            str(entry.actor)
    assert len(captured) == 6
