"""The pages of a list: each row on one of them, whatever comes in meanwhile, and found by an index."""

import re
import uuid
from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from faceitbot.core import clock
from faceitbot.core.lists import keyset
from faceitbot.core.staff import StaffPages
from subscriptions.admin.plans import PlanDataAdmin
from tests.factories import OrderFactory, PaymentFactory, UserFactory
from users.models import User

pytestmark = pytest.mark.django_db
USERS = reverse("admin:users_user_changelist")
PAYMENTS = reverse("admin:subscriptions_payment_changelist")
NOW = clock.now()
LISTS = [
    pytest.param(model, its_page, id=model._meta.label)
    for model, its_page in admin.site._registry.items()
    if isinstance(its_page, StaffPages) and not isinstance(its_page, PlanDataAdmin)  # a handful of rows
]


def ids(answer):
    return [row.pk for row in answer.context["cl"].result_list]


def walk(page, url, link):
    """Follow one kind of link from a page to the end; give the ids on each page."""
    answer = page.get(url)
    seen = [ids(answer)]
    while address := getattr(answer.context["cl"], link):
        answer = page.get(url.partition("?")[0] + address)
        seen.append(ids(answer))
        assert len(seen) < 50
    return seen


@pytest.fixture
def people():
    """A hundred and seventy users; of three in turn two were last seen at the same moment, one never."""
    return [
        UserFactory.create(last_active_at=NOW - timedelta(days=number // 20) if number % 3 else None)
        for number in range(170)
    ]


@pytest.mark.parametrize("order", ["", "1", "-1", "5", "-5", "6", "-6", "7", "-7"])
def test_each_row_is_on_one_page_whichever_way_the_pages_are_turned(page, people, order):
    url = f"{USERS}?o={order}" if order else USERS
    last = page.get(f"{url}{'&' if order else '?'}p=last").context["cl"].get_query_string({"p": "last"})

    forward = walk(page, url, "next_url")
    back = walk(page, USERS + last, "previous_url")

    everybody = [user for one in forward for user in one]
    assert [len(one) for one in forward] == [50, 50, 50, 20]
    assert sorted(everybody) == sorted(user.pk for user in people)
    # From the end the full pages are cut at other places; the order is the same.
    assert [len(one) for one in back] == [50, 50, 50, 50]
    assert [user for one in reversed(back[:3]) for user in one] == everybody[20:]
    assert back[3] == everybody[:50]


def test_the_order_is_the_one_that_was_asked_for(page, people):
    seen = [user.last_active_at for user in User.objects.last_active_first()]

    shown = [key for one in walk(page, USERS, "next_url") for key in one]

    known = {user.pk: user.last_active_at for user in people}
    assert [known[key] for key in shown] == seen


def test_a_row_that_comes_in_meanwhile_moves_no_page(page):
    for number in range(120):
        PaymentFactory.create(created_at=NOW - timedelta(minutes=number))
    first = page.get(PAYMENTS)
    expected = ids(page.get(PAYMENTS + first.context["cl"].next_url))

    PaymentFactory.create(created_at=NOW + timedelta(minutes=1))
    second = page.get(PAYMENTS + first.context["cl"].next_url)

    assert ids(second) == expected
    assert ids(page.get(PAYMENTS + second.context["cl"].previous_url)) == ids(first)


def test_turning_a_page_keeps_filter_search_and_order(page):
    buyer = UserFactory.create()
    for _number in range(60):
        PaymentFactory.create(order=OrderFactory.create(user=buyer, tier="pro"))
    PaymentFactory.create(order=OrderFactory.create(user=buyer))

    first = page.get(PAYMENTS, {"tier__exact": "pro", "q": str(buyer.telegram_id), "o": "6"})
    second = page.get(PAYMENTS + first.context["cl"].next_url)

    assert len(ids(first)) == 50
    assert len(ids(second)) == 10
    assert second.context["cl"].query == str(buyer.telegram_id)
    assert second.context["cl"].get_query_string() == first.context["cl"].get_query_string()


def test_another_filter_or_search_begins_at_the_first_page(page):
    for _number in range(60):
        PaymentFactory.create()
    second = page.get(PAYMENTS + page.get(PAYMENTS).context["cl"].next_url)

    assert "p=" not in second.context["cl"].get_query_string({"tier__exact": "pro"})
    assert 'name="p"' not in second.text


@pytest.mark.parametrize(
    "mark", ["999", "x", ">", "<", ">x", "<AAAA", ">W10", "><", ">WyJ4IiwgInkiXQ", ">bnVsbA", "\x00", "ж"]
)
def test_a_mark_that_means_nothing_gives_the_first_page(page, mark):
    payment = PaymentFactory.create()

    assert ids(page.get(PAYMENTS, {"p": mark})) == [payment.pk]


def test_the_page_behind_the_last_row_leads_back(page):
    for number in range(60):
        UserFactory.create(last_active_at=NOW - timedelta(minutes=number))
    behind = page.get(USERS).context["cl"].next_url
    User.objects.filter(last_active_at__lt=NOW - timedelta(minutes=49)).delete()

    answer = page.get(USERS + behind)

    assert ids(answer) == []
    assert len(ids(page.get(USERS + answer.context["cl"].previous_url))) == 50


# ---- By an index


def columns_to_order_by(page, model):
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    cl = page.get(url).context["cl"]
    return [
        str(number) for number, name in enumerate(cl.list_display) if number and cl.get_ordering_field(name)
    ]


@pytest.mark.parametrize(("model", "its_page"), LISTS)
def test_every_order_that_a_list_offers_is_that_of_an_index(page, staff, model, its_page):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # the tables are empty
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    orders = ["", *(f"{sign}{number}" for number in columns_to_order_by(page, model) for sign in ("", "-"))]

    sorted_ = {}
    for order in orders:
        request = RequestFactory().get("/", {"o": order} if order else {})
        request.user = staff
        plan = its_page.get_changelist_instance(request).queryset.select_related(None)[:50].explain()
        if "Sort" in plan and "Incremental Sort" not in plan:
            sorted_[order] = plan

    assert sorted_ == {}


def test_a_deep_page_reads_its_rows_alone(page):
    """A page behind two thousand users who were never seen is one range of the index, and no `OFFSET`."""
    User.objects.bulk_create(
        User(telegram_id=number, faceit_nickname=uuid.uuid4().hex[:9]) for number in range(1, 3_001)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE users")
    row = User.objects.order_by("pk")[2_000]
    columns = keyset.columns_of(User, admin.site.get_model_admin(User).ordering)
    with CaptureQueriesContext(connection) as captured:
        found = keyset.page(User.objects.all(), columns, 50, f">{keyset._mark(row, columns)}")
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, FORMAT TEXT) " + captured[0]["sql"])
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert [user.pk for user in found.rows] == [user.pk for user in User.objects.order_by("pk")[2_001:2_051]]
    assert len(captured) == 1
    assert re.search(r"Index (Only )?Scan using users_last_active_idx", plan)
    assert "rows=51" in plan
    assert "Removed by Filter" not in plan
