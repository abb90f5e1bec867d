"""The old bot's handlers: users in a file, a limit in memory, and prices in the code."""

from collections import Counter
from datetime import date

from aiogram import Bot, F, Router, types
from aiogram.filters import Command, CommandStart

from examples.old_bot.storage import UserData, storage

router = Router()
LIMIT = 10
made: Counter[tuple[int, date]] = Counter()
premium: set[int] = set()


@router.message(CommandStart(), F.from_user.as_("sender"))
async def start(message: types.Message, sender: types.User) -> None:
    user = await storage.get_user(sender.id) or UserData(user_id=sender.id)
    user.waiting_for_nickname = True
    await storage.save_user(user)
    await message.answer("Какой у вас ник на FACEIT?")


@router.message(Command("analyse"), F.from_user.as_("sender"))
async def analyse(message: types.Message, sender: types.User) -> None:
    await storage.increment_request_count(sender.id)
    today = date.today()  # noqa: DTZ011 - of the bot's machine
    if sender.id not in premium and made[sender.id, today] >= LIMIT:
        await message.answer("На сегодня всё.")
        return
    made[sender.id, today] += 1
    await message.answer("Анализирую.")


@router.callback_query(F.data == "buy:premium")
async def buy(query: types.CallbackQuery, bot: Bot) -> None:
    await bot.send_invoice(
        query.from_user.id,
        title="Premium",
        description="Premium на 30 дней",
        payload=f"premium_monthly_{query.from_user.id}",
        currency="XTR",
        prices=[types.LabeledPrice(label="Premium", amount=199)],
    )


@router.pre_checkout_query()
async def check_out(query: types.PreCheckoutQuery) -> None:
    await query.answer(ok=True)


@router.message(F.successful_payment.as_("paid"), F.from_user.as_("payer"))
async def record_payment(message: types.Message, paid: types.SuccessfulPayment, payer: types.User) -> None:
    premium.add(payer.id)
    await message.answer("Спасибо! Premium подключён.")
