"""Support answers nine buyers in the browser: each in at most three clicks from the landing page."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.urls import reverse

from examples.nine_stories import Telegram, tell
from examples.support_desk import REASON, STEPS, Desk
from faceitbot.core import clock
from subscriptions.models import PaymentCase, StarSync
from subscriptions.repositories import PaymentRepository
from tests.admin.browser import CHROMIUM
from tests.admin.roles import member

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine"),
]
MAX_CLICKS = 3
TOLD = {
    "paid_and_granted": "was given Premium for 30 days",
    "paid_twice": "for an order that was paid already",
    "wrong_amount": "where the price is 199 ⭐. Nothing was given",
    "forwarded_invoice": "from 5000100501 for the order of 5000100004",
    "legacy_payload": "for an invoice of the old bot; 5000100005 · oldtimer was given",
    "unknown_payload": "for no order of ours. Nothing was given",
    "refunded": "went back on",
    "never_paid": "and never paid",
    "lost_in_an_outage": "Nobody and no payment here has “stxLost0001”",
}
money = PaymentRepository()


@pytest.fixture
def telegram():
    return Telegram()


@pytest.fixture
def stories(telegram):
    """The nine stories; the list was read twenty minutes ago."""
    now = clock.now()
    told = {story.name: story for story in tell(now, telegram)}
    StarSync.objects.update_or_create(id=1, defaults={"finished_at": now - timedelta(minutes=20)})
    return told


@pytest.mark.proof("pictures")
@pytest.mark.parametrize("name", TOLD)
def test_support_answers_a_buyer_in_three_clicks(
    look_at, take, looks, full_size, live_server, stories, telegram, name
):
    landing, account = reverse("admin:index"), member("support")
    desk = Desk(
        look_at("english", landing, account),
        live_server.url + landing,
        lambda where: take(desk.page, f"story_{name}_english_{where}"),
    )

    sentence = desk.solve(stories[name])

    assert TOLD[name] in sentence.replace("\u00a0", " ")
    assert desk.clicks <= MAX_CLICKS
    if STEPS[name] in {"propose_refund", "open_case"}:  # finance finds what support cannot decide
        (case,) = PaymentCase.objects.all()
        assert case.charge_id.startswith("stx")
        assert case.text.endswith(REASON)
    if STEPS[name] == "reconcile":
        with ThreadPoolExecutor() as bot:  # the browser keeps an event loop in this thread
            bot.submit(asyncio.run, money.sync_star_transactions(telegram.get_star_transactions)).result()
        sentence = desk.solve(stories[name], acts=False)
        assert "5000100009 · unlucky" in sentence.replace("\u00a0", " ")
    for look in looks if full_size else ():
        page = look_at(look, f"{reverse('admin:find')}?q={stories[name].pasted}", account)
        take(page, f"story_{name}_{look}_answer")
