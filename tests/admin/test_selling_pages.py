"""What is sold: plans on and off sale, and selling as a whole, which its lists speak of."""

import pytest
from django.urls import reverse

from faceitbot.core.errors import NotFound, Refused
from subscriptions.models import PlanPrice
from subscriptions.repositories import PaymentRepository
from tests.admin.forms import filled
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
LISTS = [reverse("admin:subscriptions_order_changelist"), reverse("admin:subscriptions_planprice_changelist")]
money = PaymentRepository()


def address(name, *args):
    return reverse(f"admin:subscriptions_{name}", args=args)


@pytest.fixture
def price():
    return PlanPrice.objects.get(tier="premium", duration="monthly")


def test_a_plan_that_is_off_sale_is_not_sold(page, price):
    user = UserRepository().create_user.blocking(7)
    url = address("planprice_take_off_sale", price.pk)

    page.post(url, filled(page.get(url), preset="prices", reason=""))

    with pytest.raises(Refused) as refused:
        money.create_order.blocking(user.pk, "premium")
    assert refused.value.context["reason"] == "off_sale"


def test_a_plan_offers_the_one_action_that_changes_something(page, staff, price):
    def offered():
        text = page.get(address("planprice_change", price.pk)).text
        return [
            name
            for name in ("take_off_sale", "put_on_sale")
            if address(f"planprice_{name}", price.pk) in text
        ]

    assert offered() == ["take_off_sale"]
    money.set_on_sale.blocking(price.pk, False, actor=staff, reason="prices change")
    assert offered() == ["put_on_sale"]


def test_what_is_so_already_is_not_done_again(staff, price):
    assert money.set_on_sale.blocking(price.pk, True, actor=staff, reason="why not") is False


def test_a_plan_that_is_not_there_is_not_found(staff):
    with pytest.raises(NotFound):
        money.set_on_sale.blocking(9_999, True, actor=staff, reason="why not")


@pytest.mark.parametrize("url", LISTS)
def test_the_lists_say_that_nothing_is_sold_and_who_has_stopped_it(page, staff, url):
    before = page.get(url).text
    money.set_selling.blocking(False, actor=staff, reason="prices change")

    after = page.get(url).text

    assert "Nothing is sold at present" not in before
    for part in ("Nothing is sold at present", "boss", "prices change"):
        assert part in after
    stop, start = f"{url}stop_selling/", f"{url}start_selling/"
    assert [stop in before, start in before, stop in after, start in after] == [True, False, False, True]
