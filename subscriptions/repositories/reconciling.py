"""Telegram's list of Stars against the payments."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Max, Min

from faceitbot.core import audit
from faceitbot.core.transactions import long_query, query, transactional
from subscriptions.models import StarSync, StarTransaction
from subscriptions.payments.stars import position
from subscriptions.payments.stars.mirroring import mirror
from subscriptions.payments.stars.position import Position
from subscriptions.payments.stars.reading import Entry, Page, read_page
from subscriptions.payments.stars.reports import ReconcileReport
from subscriptions.payments.stars.settling import compare, settle

PAGE = 100  # Source: Telegram Bot API, getStarTransactions: at most 100
JOB_SECONDS = 900.0
LEFT_AT_ONCE = 1_000
COMPARED = timedelta(days=30)
log = structlog.get_logger(__name__)

Fetch = Callable[[int, int], Awaitable[object]]


class ReconcileMethods:
    """What Telegram lists is mirrored, and what is missing here is recorded."""

    async def sync_star_transactions(self, fetch: Fetch) -> ReconcileReport:
        """Read Telegram's list on from where it was read last, and mend what differs; one at a time.

        `fetch(offset, limit)` is awaited outside of any transaction: aiogram's `bot.get_star_transactions`.
        Money that is missing here is recorded as if its update had come, refunds as well. Safe at any time:
        what was read before changes nothing. What `fetch` raises leaves here; the next run goes on.
        """
        me = uuid4()
        start = await self._claim(me)
        if start is None:
            return ReconcileReport(busy=True)
        finished = False
        try:
            report = await self.settle_what_was_left()
            report += await self._read_on(me, start, fetch)
            finished = not report.busy
            return report + await self._compare_recent() if finished else report
        finally:
            await self._release(me, finished)

    async def _read_on(self, me: UUID, start: Position, fetch: Fetch) -> ReconcileReport:
        report, at = ReconcileReport(), start
        if at.read and not await self._still_there(at, fetch):
            log.warning("stars.read_again", position=at.read)
            at = Position(0, "")
        while True:
            page = read_page(await fetch(at.read, PAGE))
            for reason in page.unreadable:
                log.error("stars.unreadable", reason=reason)
            report += await self._apply(page)
            at = Position(at.read + page.length, page.last_id if page.length else at.last_transaction_id)
            if not await self._advance(me, at):
                return report + ReconcileReport(busy=True)
            if page.length < PAGE:
                return report

    async def _still_there(self, at: Position, fetch: Fetch) -> bool:
        """Say whether the list is the one that was read: its last transaction has not moved.

        One that could not be read is known by its place alone.
        """
        page = read_page(await fetch(at.read - 1, 1))
        return page.length == 1 and page.last_id == at.last_transaction_id

    @transactional()
    def request_star_sync(self, *, actor: AbstractBaseUser, reason: str) -> bool:
        """Ask for a sync ahead of its time, with an audit entry; False when that has been asked already."""
        return position.request(actor, audit.clean_reason(reason))

    @query
    def is_star_sync_requested(self) -> bool:
        """Say whether staff wait for a sync: a bot asks every few seconds and then syncs at once."""
        return StarSync.objects.filter(requested_at__isnull=False).exists()

    @query
    def get_star_sync(self) -> StarSync:
        """Give how far Telegram's list has been read, and when."""
        return StarSync.objects.first() or StarSync()

    @long_query(budget_seconds=JOB_SECONDS)
    def reconcile(self, pages: Sequence[Page]) -> ReconcileReport:
        """Mirror pages of a dump, and mend what differs; how far the sync has read is left alone."""
        report = ReconcileReport()
        for page in pages:
            for first in range(0, len(page.entries), PAGE):
                part = page.entries[first : first + PAGE]
                report += self._apply.blocking(Page(part, (), len(part)))
            report += ReconcileReport(unreadable=page.unreadable)
        times = [entry.at for page in pages for entry in page.entries]
        return report + compare(min(times), max(times)) if times else report

    @long_query(budget_seconds=JOB_SECONDS)
    def _apply(self, page: Page) -> ReconcileReport:
        rows, new = self._mirror.blocking(page.entries)
        report = ReconcileReport(read=page.length, new=new, unreadable=page.unreadable)
        for row in rows:
            if row.settled_at is None:
                report += self._settle.blocking(row)
        return report

    @long_query(budget_seconds=JOB_SECONDS)
    def settle_what_was_left(self) -> ReconcileReport:
        """Settle what a sync that was cut off has only mirrored; safe beside another sync."""
        report = ReconcileReport()
        rows = StarTransaction.objects.filter(settled_at__isnull=True).order_by("at", "id")
        for row in list(rows[:LEFT_AT_ONCE]):
            report += self._settle.blocking(row)
        return report

    @query
    def _compare_recent(self) -> ReconcileReport:
        """Compare the last weeks; what is older has been compared, and a dump compares it once more."""
        times = StarTransaction.objects.aggregate(first=Min("at"), last=Max("at"))
        if times["first"] is None:
            return ReconcileReport()
        return compare(max(times["first"], times["last"] - COMPARED), times["last"])

    # One transaction each: a charge that waits for its user's row holds nobody else up.

    @transactional()
    def _mirror(self, entries: Sequence[Entry]) -> tuple[list[StarTransaction], int]:
        return mirror(entries)

    @transactional()
    def _settle(self, row: StarTransaction, now: datetime | None = None) -> ReconcileReport:
        return settle(row, now)

    @transactional()
    def _claim(self, me: UUID) -> Position | None:
        return position.claim(me)

    @transactional()
    def _advance(self, me: UUID, at: Position) -> bool:
        return position.advance(me, at)

    @transactional()
    def _release(self, me: UUID, finished: bool) -> bool:
        return position.release(me, finished=finished)
