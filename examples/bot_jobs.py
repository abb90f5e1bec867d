"""What the example bot does by itself: notices, refunds, the list of Stars."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramForbiddenError

import faceitbot

faceitbot.setup()

from faceitbot.core.errors import FaceitBotError  # noqa: E402 - importable once faceitbot is set up
from faceitbot.texts import say  # noqa: E402
from subscriptions.repositories import PaymentRepository, SubscriptionRepository  # noqa: E402

access, payments = SubscriptionRepository(), PaymentRepository()
log = logging.getLogger(__name__)


async def deliver_notices(bot: Bot) -> None:
    """Tell users what there is to tell; who dies on the way leaves the rest to others."""
    for notice in await access.claim_notices():
        try:
            await bot.send_message(notice.telegram_id, say(notice.kind, notice.language, **notice.data))
        except TelegramAPIError as error:
            stopped = isinstance(error, TelegramForbiddenError)
            await access.mark_notice_failed(notice.id, blocked=stopped)
        else:
            await access.mark_notice_sent(notice.id)


async def submit_refunds(bot: Bot) -> None:
    """Give back what staff want given back."""
    for refund in await payments.get_refunds_to_submit():
        try:
            await bot.refund_star_payment(refund.telegram_id, refund.charge_id)
        except TelegramAPIError as error:
            await payments.mark_refund_failed(refund.payment_id, str(error))
        else:
            await payments.mark_refunded(refund.charge_id)


async def sync_stars(bot: Bot) -> None:
    """Find money whose update was lost."""
    await payments.sync_star_transactions(bot.get_star_transactions)


async def sync_stars_on_request(bot: Bot) -> None:
    """Sync at once when staff look for a payment."""
    if await payments.is_star_sync_requested():
        await sync_stars(bot)


JOBS = ((60, deliver_notices), (60, submit_refunds), (300, sync_stars), (10, sync_stars_on_request))


async def every(seconds: float, work: Callable[[Bot], Awaitable[None]], bot: Bot) -> None:
    """Do something again and again; what fails is tried again."""
    while True:
        try:
            await work(bot)
        except (FaceitBotError, TelegramAPIError):
            log.exception("%s has failed and is tried again", work.__name__)
        await asyncio.sleep(seconds)
