"""What the example bot does by itself: notices, refunds, the list of Stars, matches that go on."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramForbiddenError, TelegramRetryAfter
from aiogram.methods import TelegramMethod

import faceitbot

faceitbot.setup()

from examples.faceit_api import Faceit  # noqa: E402 - importable once faceitbot is set up
from faceitbot.core.errors import InvalidInput  # noqa: E402
from faceitbot.faceit import decode_match  # noqa: E402
from faceitbot.texts import say  # noqa: E402
from matches.repositories import MatchRepository  # noqa: E402
from stats.repositories import StatsRepository  # noqa: E402
from subscriptions.repositories import PaymentRepository, SubscriptionRepository  # noqa: E402

access, payments = SubscriptionRepository(), PaymentRepository()
matches, stats = MatchRepository(), StatsRepository()
MATCHES_A_ROUND = 20  # of each sort; two seconds of what FACEIT answers
Needs = TypeVar("Needs")
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


async def follow_matches(faceit: Faceit) -> None:
    """Ask how analysed matches have gone on, so many a round; predictions are scored by the answers.

    Those that were not heard of for longest come first, so each round goes on where the last one ended. Then
    come those that are over, as somebody else has told, who did not say who won.
    """
    for match_id in await matches.get_unfinished_matches(limit=MATCHES_A_ROUND):
        body = await faceit.match(match_id)
        if body is None:
            await matches.update_match_status(match_id, "ABORTED")  # FACEIT has forgotten it, so must we
        else:
            await _take_in(faceit, match_id, body)
    for match_id in await stats.claim_unsettled_matches(limit=MATCHES_A_ROUND):
        body = await faceit.match(match_id)
        if body is None:
            await stats.settle_prediction(match_id, None)  # nobody will ever say who won
        else:
            await _take_in(faceit, match_id, body)


async def _take_in(faceit: Faceit, match_id: str, body: bytes) -> None:
    try:
        match = decode_match(body)
        # What the players did comes first: a match that is over is not asked about again.
        statistics = await faceit.match_stats(match_id) if match.finished_at else None
        if statistics is not None:
            await stats.record_match_stats(statistics, match.finished_at)
        await matches.record_match(body)
    except InvalidInput as error:
        log.warning("FACEIT's answer about %s cannot be read: %s", match_id, error)
        known = await matches.get_by_match_id(match_id)
        if known:  # heard of, so that it does not stand in the way of the others
            await matches.update_match_status(match_id, known.status_raw or known.status)


JOBS = ((60, deliver_notices), (60, submit_refunds), (300, sync_stars), (10, sync_stars_on_request))
FOLLOWING = 180


async def every(seconds: float, work: Callable[[Needs], Awaitable[None]], needs: Needs) -> None:
    """Do something again and again; whatever fails is tried again."""
    while True:
        try:
            await work(needs)
        except Exception:  # a job that ended would be missed by nobody before money is
            log.exception("%s has failed and is tried again", work.__name__)
        await asyncio.sleep(seconds)


@asynccontextmanager
async def jobs(bot: Bot, faceit: Faceit) -> AsyncIterator[None]:
    """Do all of it while the bot talks."""
    tasks = [asyncio.create_task(every(seconds, work, bot)) for seconds, work in JOBS]
    tasks.append(asyncio.create_task(every(FOLLOWING, follow_matches, faceit)))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
