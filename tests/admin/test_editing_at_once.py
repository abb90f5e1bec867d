"""Two members of staff who edit one row: the second is told who was first, however close they are."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User as StaffAccount
from django.test import Client
from django.urls import reverse

from faceitbot.core import versions
from faceitbot.core.models import AuditEntry
from subscriptions.models import PlanPrice
from tests.admin.forms import as_opened
from tests.factories import StaffFactory
from tests.threads import giving_back


def price():
    return PlanPrice.objects.get(tier="pro", duration="monthly")


def address():
    return reverse("admin:subscriptions_planprice_change", args=[price().pk])


def signed_in(name):
    client = Client()
    client.force_login(StaffFactory.create(username=name))
    return client


def prices_sent_at_once(number):
    """Let so many open the page, and send prices of their own all at once."""
    url = address()
    clients = [signed_in(f"staff {StaffAccount.objects.count()}") for _n in range(number)]
    old = price().stars
    forms = [{**as_opened(client, url), "stars": str(old + n)} for n, client in enumerate(clients, 1)]

    def send(client, form):
        return client.post(url, form).status_code

    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(giving_back(send), clients, forms))


@pytest.mark.django_db
def test_the_second_is_told_who_was_first():
    anna, boss = signed_in("anna"), signed_in("boss")
    opened = as_opened(boss, address())
    anna.post(address(), {**as_opened(anna, address()), "stars": "499"})

    answer = boss.post(address(), {**opened, "stars": "349"})

    assert "anna has changed this meanwhile to “499”" in answer.text
    assert price().stars == 499


@pytest.mark.django_db
def test_a_form_that_is_sent_twice_writes_once(page):
    form = {**as_opened(page, address()), "stars": "499"}

    assert [page.post(address(), form).status_code for _click in range(2)] == [302, 302]

    assert price().stars == 499
    assert AuditEntry.objects.filter(action="plan.changed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_six_who_save_at_once_one_writes():
    answers = prices_sent_at_once(6)

    assert sorted(answers) == [200] * 5 + [302]
    assert AuditEntry.objects.filter(action="plan.changed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_more_than_one_would_write(monkeypatch):
    """Control: the same six compare with what is stored, and nobody waits for anybody."""
    monkeypatch.setattr(versions, "queue_up", lambda _keys: None)

    written = max(prices_sent_at_once(6).count(302) for _attempt in range(5))

    assert written > 1
