"""The example bot, fed with recorded updates: what it asks of Telegram, and what stands in the database."""

import pytest
from aiogram.methods import (
    AnswerPreCheckoutQuery,
    CreateInvoiceLink,
    RefundStarPayment,
    SendInvoice,
    SendMessage,
)

from examples.bot_jobs import deliver_notices, submit_refunds, sync_stars
from faceitbot.core import atomically
from faceitbot.core.watchdog import silence
from faceitbot.texts import say
from subscriptions.models import Grant, Notice, Payment, PaymentCase
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from tests.eventually import eventually_async
from tests.examples.bot import MARIA
from tests.examples.telegram import refusal
from tests.factories import StaffFactory
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

users, access, payments = UserRepository(), SubscriptionRepository(), PaymentRepository()


async def test_a_whole_purchase(telegram):
    await telegram.write("/plans")
    (message,) = telegram.session.of(SendMessage)
    keys = [key for row in message.reply_markup.inline_keyboard for key in row]
    assert [key.callback_data for key in keys][:2] == ["buy:premium:monthly", "subscribe:premium:monthly"]
    assert keys[0].text == "Premium: 30 дней, 199 ⭐"

    offer = await telegram.order(keys[0].callback_data)
    (invoice,) = telegram.session.of(SendInvoice)
    assert (invoice.payload, invoice.currency, invoice.prices[0].amount) == (offer["payload"], "XTR", 199)
    assert (invoice.chat_id, invoice.title) == (MARIA, "Premium: 30 дней")

    await telegram.feed("pre_checkout", **offer)
    (answer,) = telegram.session.of(AnswerPreCheckoutQuery)
    assert (answer.ok, answer.error_message) == (True, None)

    said = await telegram.feed("payment", **offer, charge="charge-1")
    again = await telegram.feed("payment", **offer, charge="charge-1")

    assert said == ["Спасибо! Premium подключён на 30 дней."]
    assert again == []
    user = await users.get_user_with_subscription(MARIA)
    assert user.subscription.tier == "premium"
    assert await atomically(Payment.objects.count) == await atomically(Grant.objects.count) == 1


async def test_somebody_elses_invoice_is_declined_and_his_money_kept_for_a_person(telegram):
    offer = await telegram.order()

    await telegram.feed("pre_checkout", 8, **offer)
    (answer,) = telegram.session.of(AnswerPreCheckoutQuery)
    assert (answer.ok, answer.error_message) == (False, say("checkout_other_payer", "ru"))

    said = await telegram.feed("payment", 8, **offer, charge="charge-1")
    assert said == [say("payment_in_review", "ru")]
    assert (await payments.get_by_charge_id("charge-1")).review_reason == "other_payer"


async def test_a_subscription_and_its_renewal(telegram):
    offer = await telegram.order("subscribe:pro:monthly")
    (link,) = telegram.session.of(CreateInvoiceLink)
    assert (link.subscription_period, link.payload) == (2_592_000, offer["payload"])
    assert telegram.session.texts == ["https://t.me/$invoice"]

    first = await telegram.feed("renewal", **offer, charge="one", first=True)
    renewed = await telegram.feed("renewal", **offer, charge="two", first=False)
    await telegram.feed("subscription", payload=offer["payload"], state="canceled")

    assert (first, renewed) == (["Спасибо! Pro подключён на 30 дней."], [])
    assert await atomically(Grant.objects.count) == 2
    row = await access.get_by_telegram_user_id(MARIA)
    assert row.auto_renew is False
    telegram.session.requests.clear()
    await deliver_notices(telegram.bot)
    assert telegram.session.texts == ["Pro продлён на 30 дней."]


async def test_a_refund_that_the_staff_wants_is_submitted_once(telegram):
    await telegram.feed("payment", **await telegram.order(), charge="charge-1")
    payment = await payments.get_by_charge_id("charge-1")
    staff = await atomically(StaffFactory.create)
    await payments.request_refund(payment.pk, actor=staff, reason="he asked")

    for _minute in range(2):
        await submit_refunds(telegram.bot)
    telegram.session.requests, asked = [], telegram.session.of(RefundStarPayment)
    await deliver_notices(telegram.bot)

    assert [(each.user_id, each.telegram_payment_charge_id) for each in asked] == [(MARIA, "charge-1")]
    assert (await payments.get_by_charge_id("charge-1")).status == "refunded"
    assert telegram.session.texts == ["Вам вернули 199 ⭐. Доступ по этому платежу закончился."]
    assert (await access.get_by_telegram_user_id(MARIA)).tier == "free"


async def test_a_refund_that_comes_as_a_message(telegram):
    offer = await telegram.order()
    await telegram.feed("payment", **offer, charge="charge-1")

    assert await telegram.feed("refund", **offer, charge="charge-1") == []

    assert (await payments.get_by_charge_id("charge-1")).status == "refunded"


async def test_money_whose_update_was_lost_is_found_by_the_sync(telegram):
    offer = await telegram.order()
    buyer = {"id": MARIA, "is_bot": False, "first_name": "Мария"}
    source = {
        "type": "user",
        "user": buyer,
        "transaction_type": "invoice_payment",
        "invoice_payload": offer["payload"],
    }
    charge = {"id": "charge-1", "amount": 199, "date": 1_790_000_000, "source": source}
    telegram.session.transactions = [charge]

    for _run in range(2):
        await sync_stars(telegram.bot)

    assert (await payments.get_by_charge_id("charge-1")).status == "completed"
    assert await atomically(Grant.objects.count) == 1


async def test_a_complaint_opens_a_case(telegram):
    said = await telegram.write("/paysupport I paid and got nothing")

    assert said == [say("case_opened", "ru")]
    assert (await atomically(PaymentCase.objects.get)).text == "I paid and got nothing"


async def test_a_friend_is_brought_by_a_code(telegram):
    await telegram.write("/start", sender=1)
    code = await access.generate_referral_code((await users.get_by_telegram_id(1)).pk)

    said = await telegram.write(f"/start {code}")
    again = await telegram.write(f"/start {code}")

    assert said[0] == "Код друга принят. Ваш подарок: 7 дней доступа."
    assert again[0] == say("already_referred", "ru")


async def test_who_has_stopped_the_bot_is_left_in_peace(telegram):
    await telegram.write("/start")
    key = (await users.get_by_telegram_id(MARIA)).pk
    await atomically(
        lambda: Notice.objects.create(user_id=key, kind="refunded", subject="1", data={"stars": 199})
    )
    telegram.session.answers["sendMessage"] = refusal(403, "Forbidden: bot was blocked by the user")

    await deliver_notices(telegram.bot)

    assert (await users.get_by_telegram_id(MARIA)).bot_blocked_at is not None
    assert await access.claim_notices() == []


async def test_a_blocked_user_is_told_so_and_his_money_is_recorded_all_the_same(telegram):
    offer = await telegram.order()
    staff = await atomically(StaffFactory.create)
    await users.block_users([MARIA], actor=staff, reason="cheating")

    assert await telegram.write("/plans") == [say("blocked", "ru")]
    await telegram.feed("payment", **offer, charge="charge-1")

    assert (await payments.get_by_charge_id("charge-1")).status == "completed"


async def test_a_database_that_is_away_becomes_a_sentence(telegram):
    """As after several calls that got no answer: the next ones are refused at once."""
    silence.trip()

    assert await telegram.write("/plans") == [say("database_unavailable", "ru")]

    await eventually_async(lambda: not silence.is_open())
    assert await telegram.write("/plans") == ["⭐"]


async def test_who_has_paid_while_the_database_is_away_is_not_asked_to_pay_again(telegram):
    offer = await telegram.order()
    silence.trip()

    said = await telegram.feed("payment", **offer, charge="charge-1")

    assert said == [say("payment_delayed", "ru")]
    await eventually_async(lambda: not silence.is_open())


async def test_a_blocked_user_may_complain(telegram):
    await telegram.write("/start")
    staff = await atomically(StaffFactory.create)
    await users.block_users([MARIA], actor=staff, reason="cheating")

    said = await telegram.write("/paysupport I have paid")

    assert said == [say("case_opened", "ru")]
    assert (await atomically(PaymentCase.objects.get)).text == "I have paid"


async def test_selling_that_is_switched_off_becomes_a_sentence(telegram):
    staff = await atomically(StaffFactory.create)
    await payments.set_selling(False, actor=staff, reason="prices change")

    assert await telegram.feed("button", data="buy:premium:monthly") == [say("refused_closed", "ru")]
