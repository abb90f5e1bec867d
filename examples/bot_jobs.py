"""What the example bot does by itself: notices, refunds, the list of Stars."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramForbiddenError, TelegramRetryAfter
from aiogram.methods import TelegramMethod

import faceitbot

faceitbot.setup()

from faceitbot.texts import say  # noqa: E402 - importable once faceitbot is set up
from subscriptions.repositories import PaymentRepository, SubscriptionRepository  # noqa: E402

access, payments = SubscriptionRepository(), PaymentRepository()
log = logging.getLogger(__name__)


async def deliver_notices(bot: Bot) -> None:
    """Tell users what there is to tell; who dies on the way leaves the rest to others."""
    for notice in await access.claim_notices():
        try:
            await bot.send_message(notice.telegram_id, say(notice.kind, notice.language, **notice.data))
        except TelegramRetryAfter as error:  # the rest is claimed again when the lease is over
            await asyncio.sleep(error.retry_after)
            break
        except AiogramError as error:
            stopped = isinstance(error, TelegramForbiddenError)
            await access.mark_notice_failed(notice.id, blocked=stopped)
        else:
            await access.mark_notice_sent(notice.id)


async def submit_refunds(bot: Bot) -> None:
    """Give back what staff want given back."""
    for refund in await payments.get_refunds_to_submit():
        try:
            await bot.refund_star_payment(refund.telegram_id, refund.charge_id)
        except AiogramError as error:
            await payments.mark_refund_failed(refund.payment_id, str(error))
        else:
            await payments.mark_refunded(refund.charge_id)


class GetStarTransactions(TelegramMethod[dict[str, Any]]):
    """The list of Stars as Telegram writes it: an unknown kind of partner stops nothing."""

    __returning__ = dict[str, Any]
    __api_method__ = "getStarTransactions"

    offset: int
    limit: int


async def sync_stars(bot: Bot) -> None:
    """Find money whose update was lost."""
    await payments.sync_star_transactions(
        lambda offset, limit: bot(GetStarTransactions(offset=offset, limit=limit))
    )


async def sync_stars_on_request(bot: Bot) -> None:
    """Sync at once when staff look for a payment."""
    if await payments.is_star_sync_requested():
        await sync_stars(bot)


JOBS = ((60, deliver_notices), (60, submit_refunds), (300, sync_stars), (10, sync_stars_on_request))


async def every(seconds: float, work: Callable[[Bot], Awaitable[None]], bot: Bot) -> None:
    """Do something again and again; whatever fails is tried again."""
    while True:
        try:
            await work(bot)
        except Exception:  # a job that ended would be missed by nobody before money is
            log.exception("%s has failed and is tried again", work.__name__)
        await asyncio.sleep(seconds)
