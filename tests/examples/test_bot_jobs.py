"""What the example bot does by itself, where Telegram answers as it should not; and how the bot ends."""

import asyncio
import os
import signal

import pytest
from aiogram import Bot
from aiogram.methods import SendMessage

from examples import aiogram_bot
from examples.bot_jobs import deliver_notices, every, submit_refunds, sync_stars
from faceitbot.core import atomically
from subscriptions.models import Notice, Payment
from subscriptions.repositories import PaymentRepository
from tests.eventually import eventually_async
from tests.examples.bot import bot_dispatcher
from tests.examples.telegram import TOKEN, FakeSession, refusal
from tests.factories import StaffFactory
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

users, payments = UserRepository(), PaymentRepository()
BAD_GATEWAY = (502, "<html>Bad Gateway</html>")


@pytest.fixture
async def bot(closed_links):
    return Bot(TOKEN, session=FakeSession())


async def pay(bot, number=1):
    """A payment that Telegram lists and the bot has not heard of."""
    user = await users.create_user(number)
    order = await payments.create_order(user.pk, "premium")
    partner = {"type": "user", "user": {"id": number, "is_bot": False, "first_name": "-"}}
    source = {**partner, "transaction_type": "invoice_payment", "invoice_payload": order.payload}
    bot.session.transactions.append(
        {"id": f"charge-{number}", "amount": order.stars, "date": 1_790_000_000, "source": source}
    )


async def test_a_job_outlives_an_answer_that_is_no_json(bot):
    await pay(bot)
    bot.session.answers["getStarTransactions"] = BAD_GATEWAY
    job = asyncio.create_task(every(0.01, sync_stars, bot))

    await eventually_async(lambda: len(bot.session.requests) > 1)
    del bot.session.answers["getStarTransactions"]
    done = len(bot.session.requests)
    await eventually_async(lambda: len(bot.session.requests) > done + 2)
    job.cancel()
    await asyncio.gather(job, return_exceptions=True)

    assert (await payments.get_by_charge_id("charge-1")).status == "completed"


async def test_a_kind_of_partner_that_nobody_knows_hides_no_money(bot):
    await pay(bot, 1)
    bot.session.transactions.append(
        {"id": "odd", "amount": 5, "date": 1_790_000_001, "source": {"type": "brand_new", "more": [1]}}
    )
    await pay(bot, 2)

    await sync_stars(bot)

    assert await atomically(Payment.objects.filter(status="completed").count) == 2


async def test_a_refund_that_cannot_be_read_is_tried_again_and_holds_no_other_up(bot):
    staff = await atomically(StaffFactory.create)
    for number in (1, 2):
        await pay(bot, number)
    await sync_stars(bot)
    for number in (1, 2):
        payment = await payments.get_by_charge_id(f"charge-{number}")
        await payments.request_refund(payment.pk, actor=staff, reason="he asked")
    bot.session.answers["refundStarPayment"] = BAD_GATEWAY

    await submit_refunds(bot)

    errors = await atomically(lambda: list(Payment.objects.values_list("error", flat=True)))
    assert [bool(error) for error in errors] == [True, True]


async def test_who_sends_too_fast_waits_and_leaves_the_rest_to_the_lease(bot):
    people = await users.create_batch({"telegram_id": number} for number in (1, 2, 3))
    await atomically(
        lambda: Notice.objects.bulk_create(
            Notice(user=user, kind="refunded", subject=str(user.pk), data={"stars": 199}) for user in people
        )
    )
    bot.session.answers["sendMessage"] = refusal(429, "Too Many Requests", retry_after=1)

    await deliver_notices(bot)

    assert len(bot.session.of(SendMessage)) == 1
    rows = await atomically(lambda: list(Notice.objects.values_list("attempts", "sent_at", "given_up_at")))
    assert rows == [(1, None, None)] * 3


async def test_the_bot_ends_with_its_jobs(bot, monkeypatch):
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("FACEIT_KEY", "key")
    monkeypatch.setattr(aiogram_bot, "Bot", lambda _token: bot)
    # Routers belong to one dispatcher for good.
    monkeypatch.setattr(aiogram_bot, "dispatcher", lambda _faceit: bot_dispatcher)
    running = asyncio.create_task(aiogram_bot.main())
    asked = {"getUpdates", "getStarTransactions"}

    await eventually_async(lambda: asked <= {each.__api_method__ for each in bot.session.requests})
    os.kill(os.getpid(), signal.SIGTERM)  # aiogram hears it and stops polling
    await asyncio.wait_for(running, 10)

    assert not [task for task in asyncio.all_tasks() if "every" in repr(task.get_coro())]
