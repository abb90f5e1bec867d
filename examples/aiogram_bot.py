"""A bot for Telegram on faceitbot's repositories, from /start to a refund.

Set BOT_TOKEN and FACEIT_KEY, and run `python3 dev.py exec -- python -m examples.aiogram_bot`.
docs/bot-developers.md explains each call.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Bot, Dispatcher, F, Router, types
from aiogram.filters import Command, CommandObject, CommandStart

import faceitbot

faceitbot.setup()

from analytics.repositories import AnalyticsRepository  # noqa: E402 - importable once faceitbot is set up
from examples.bot_analysis import analyse, match_id_in  # noqa: E402
from examples.bot_jobs import jobs  # noqa: E402
from examples.faceit_api import Faceit, FaceitApi, FaceitFailed  # noqa: E402
from faceitbot.core.errors import FaceitBotError  # noqa: E402
from faceitbot.texts import code_of, say  # noqa: E402
from subscriptions.repositories import PaymentRepository, SubscriptionRepository  # noqa: E402
from users.models import User  # noqa: E402
from users.repositories import UserRepository  # noqa: E402

PERIOD_SECONDS = 2_592_000  # Source: Telegram Bot API, createInvoiceLink: a subscription's only period
Handler = Callable[[types.TelegramObject, dict[str, Any]], Awaitable[Any]]
users, access, payments = UserRepository(), SubscriptionRepository(), PaymentRepository()
analytics = AnalyticsRepository()
money, talk = Router(), Router()
log = logging.getLogger(__name__)


# ---- Money. No middleware stands before it: what has come must be recorded, whoever it came from


@money.pre_checkout_query()
async def check_out(query: types.PreCheckoutQuery) -> None:
    ok, error = await payments.authorise_checkout(
        query.invoice_payload, query.from_user.id, query.currency, query.total_amount
    )
    text = say(f"checkout_{error}", query.from_user.language_code or "ru") if error else None
    await query.answer(ok, error_message=text)


@money.message(F.successful_payment.as_("paid"), F.from_user.as_("payer"))
async def record_payment(message: types.Message, paid: types.SuccessfulPayment, payer: types.User) -> None:
    outcome = await payments.record_successful_payment(
        payer.id,
        paid.invoice_payload,
        paid.currency,
        paid.total_amount,
        paid.telegram_payment_charge_id,
        paid.provider_payment_charge_id,
        is_recurring=bool(paid.is_recurring),
        is_first_recurring=bool(paid.is_first_recurring),
    )
    # A renewal is told by a notice, a repetition was told before.
    if outcome.kind in ("granted", "in_review"):
        code, bought = f"payment_{outcome.kind}", outcome.payment
        await message.answer(say(code, payer.language_code or "ru", tier=bought.tier, days=bought.days))


@money.message(F.refunded_payment.telegram_payment_charge_id.as_("charge_id"))
async def record_refund(_message: types.Message, charge_id: str) -> None:
    await payments.mark_refunded(charge_id)  # a notice tells the user


@money.subscription()
async def record_renewal_state(event: types.BotSubscriptionUpdated) -> None:
    await payments.record_subscription_state(event.user.id, event.invoice_payload, event.state)


# ---- Talk. Whoever writes is registered and counted first


async def touch(handler: Handler, event: types.TelegramObject, data: dict[str, Any]) -> Any:
    sender = data["event_from_user"]
    user = data["user"] = await users.touch(sender.id, sender.language_code)
    # Telegram wants a complaint about money to be heard, whoever it comes from.
    complains = isinstance(event, types.Message) and (event.text or "").startswith("/paysupport")
    if user.is_blocked and not complains:
        return await data["bot"].send_message(sender.id, say("blocked", user.language))
    return await handler(event, data)


@talk.message(CommandStart())
async def start(message: types.Message, command: CommandObject, user: User) -> None:
    if command.args:
        result = await access.apply_referral(user.pk, command.args)
        code = result.error or "referral_applied"
        await message.answer(say(code, user.language, days=result.referee_days))
    await message.answer("/link /analyse /plans /paysupport")


@talk.message(Command("link"))
async def ask_nickname(message: types.Message, user: User) -> None:
    await users.set_waiting_for_nickname(user.telegram_id)
    await message.answer(say("ask_nickname", user.language))


@talk.message(Command("analyse"))
async def tell_analysis(message: types.Message, command: CommandObject, user: User, faceit: Faceit) -> None:
    match_id, told = match_id_in(command.args or ""), None
    if command.args and match_id is None:
        await message.answer(say("invalid_input", user.language))
        return
    if match_id is None and user.faceit_player_id is None:
        await ask_nickname(message, user)
        return
    allowed, limits = await access.consume_request(user.pk)
    if not allowed:
        await message.answer(say(limits["reason"], user.language, **limits))
        return
    try:
        told = await analyse(faceit, user, match_id)
    except FaceitFailed:
        await analytics.record_failure(user.pk, "faceit")
        raise
    finally:
        if told is None:
            await access.give_back_request(user.pk)  # the user does not pay for what he does not get
    await message.answer(told or say("not_found", user.language))


@talk.message(Command("plans"))
async def show_plans(message: types.Message, user: User) -> None:
    keys = []
    for plan in await access.get_plans():
        title = say("invoice_title", user.language, tier=plan.tier, days=plan.days)
        for what, sign in (("buy", ""), ("subscribe", " ↻")):
            if plan.on_sale and (what == "buy" or plan.duration == "monthly"):
                text, data = f"{title}, {plan.stars} ⭐{sign}", f"{what}:{plan.tier}:{plan.duration}"
                keys.append([types.InlineKeyboardButton(text=text, callback_data=data)])
    await message.answer("⭐", reply_markup=types.InlineKeyboardMarkup(inline_keyboard=keys))


@talk.callback_query(F.data.regexp(r"^(buy|subscribe):\w+:\w+$"))
async def buy(query: types.CallbackQuery, user: User, bot: Bot) -> None:
    what, tier, duration = (query.data or "").split(":")
    order = await payments.create_order(user.pk, tier, duration, recurring=what == "subscribe")
    prices = [types.LabeledPrice(label=order.title, amount=order.stars)]
    invoice: dict[str, Any] = {"title": order.title, "description": order.description}
    invoice |= {"payload": order.payload, "currency": "XTR", "prices": prices}
    if order.recurring:
        link = await bot.create_invoice_link(**invoice, subscription_period=PERIOD_SECONDS)
        await bot.send_message(query.from_user.id, link)
    else:
        await bot.send_invoice(query.from_user.id, **invoice)
    await query.answer()


@talk.message(Command("paysupport"))
async def complain(message: types.Message, command: CommandObject, user: User) -> None:
    await payments.open_payment_case(user.pk, command.args or "")
    await message.answer(say("case_opened", user.language))


@talk.message(F.text.as_("nickname"))
async def read_nickname(message: types.Message, nickname: str, user: User, faceit: Faceit) -> None:
    if not user.waiting_for_nickname:
        return
    player_id = await faceit.player_id(nickname)
    if player_id:
        await users.link_faceit_account(user.telegram_id, player_id, nickname)
    await message.answer(say("linked" if player_id else "not_found", user.language))


async def explain(event: types.ErrorEvent, bot: Bot) -> None:
    """Say what our errors mean; everything else is a bug, and goes to the log as well."""
    error, sender = event.exception, getattr(event.update.event, "from_user", None)
    code = code_of(error) if isinstance(error, FaceitBotError) else "unavailable"
    if not isinstance(error, FaceitBotError):
        log.error("a handler has failed", exc_info=error)
    if event.update.message and event.update.message.successful_payment:
        code = "payment_delayed"  # the list of Stars has it: nobody must pay twice
    if sender:
        await bot.send_message(sender.id, say(code, sender.language_code or "ru"))


def dispatcher(faceit: Faceit) -> Dispatcher:
    made = Dispatcher(faceit=faceit)
    made.include_routers(money, talk)
    for observer in (talk.message, talk.callback_query):
        observer.outer_middleware(touch)
    made.error.register(explain)
    return made


async def main() -> None:
    bot, faceit = Bot(os.environ["BOT_TOKEN"]), FaceitApi(os.environ["FACEIT_KEY"])
    try:
        async with jobs(bot, faceit):
            await dispatcher(faceit).start_polling(bot)
    finally:
        await faceit.close()
        await faceitbot.close()


if __name__ == "__main__":
    asyncio.run(main())
