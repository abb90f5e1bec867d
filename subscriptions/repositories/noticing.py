"""The outbox, and the job that moves subscriptions on."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q

from faceitbot.core import clock
from faceitbot.core.ids import row_id
from faceitbot.core.repository import MAX_LIMIT
from faceitbot.core.transactions import long_query, query, transactional
from faceitbot.core.values import whole
from subscriptions import expiry, notices
from subscriptions.granting import database_now
from subscriptions.models import Notice, UserSubscription
from subscriptions.notices import ClaimedNotice
from users.repositories import UserRepository

MAX_LEASE_SECONDS = 3_600
JOB_SECONDS = 900.0
MAX_DAYS_AHEAD = 3_650


class NoticeMethods:
    """What the bot is to tell users, and what time does to subscriptions."""

    @long_query(budget_seconds=JOB_SECONDS)
    def check_and_expire_subscriptions(self, now: datetime | None = None) -> list[UserSubscription]:
        """Move on all subscriptions whose time is over; give them, each with its `previous_tier`.

        Their users get a notice, and so do those whose access ends within three days. Bounded transactions;
        two processes at once report each change once.
        """
        moment = clock.aware_or_none(now)
        changed: list[UserSubscription] = []
        while batch := self._expire_batch.blocking(moment):
            changed += batch
        while self._warn_batch.blocking(moment):
            pass
        return changed

    @query
    def get_expiring_subscriptions(
        self, days_ahead: int = 7, limit: int = MAX_LIMIT, now: datetime | None = None
    ) -> list[UserSubscription]:
        """Give those whose tier in force ends within the days, soonest first, at most `limit` of them."""
        moment = clock.aware_or_none(now) or database_now()
        end = moment + timedelta(days=whole("days_ahead", days_ahead, 1, MAX_DAYS_AHEAD))
        most = whole("limit", limit, 1, MAX_LIMIT)
        # Where no job has moved the row on, what was next is in force. Each of the two is read in the order
        # of its own end, so no more rows than are given; one statement, for the job moves rows meanwhile.
        of_now = Q(expires_at__gt=moment, expires_at__lte=end)
        of_next = Q(expires_at__lte=moment, next_expires_at__gt=moment, next_expires_at__lte=end)
        rows = UserSubscription.objects.all()
        now_in_force, next_in_force = (
            rows.filter(which).annotate(ends_at=F(column)).order_by("ends_at", "id")[:most]
            for column, which in (("expires_at", of_now), ("next_expires_at", of_next))
        )
        return list(now_in_force.union(next_in_force, all=True).order_by("ends_at", "id")[:most])

    @transactional()
    def claim_notices(
        self, limit: int = 100, lease_seconds: int = 60, now: datetime | None = None
    ) -> list[ClaimedNotice]:
        """Claim notices to be sent, oldest first; nobody else is given them within the lease.

        Delivered at least once: a process that dies after sending leaves the notice to another one.
        """
        most = whole("limit", limit, 1, MAX_LIMIT)
        lease = whole("lease_seconds", lease_seconds, 1, MAX_LEASE_SECONDS)
        return notices.claim(most, lease, clock.aware_or_none(now) or database_now())

    @transactional()
    def mark_notice_sent(self, notice_id: UUID, now: datetime | None = None) -> bool:
        """Remember that a notice was delivered; False if there is nothing to remember."""
        moment = clock.aware_or_none(now) or database_now()
        return notices.mark_sent(row_id(notice_id, "notice_id"), moment)

    @transactional()
    def mark_notice_failed(self, notice_id: UUID, blocked: bool = False, now: datetime | None = None) -> bool:
        """Have a notice tried again later, each time after twice as long; given up after 8 attempts.

        `blocked`: the user has stopped the bot; he gets no notices until he is back.
        """
        moment, key = clock.aware_or_none(now) or database_now(), row_id(notice_id, "notice_id")
        if blocked:
            user_id = Notice.objects.filter(pk=key).values_list("user_id", flat=True).first()
            if user_id is not None:
                UserRepository().mark_bot_blocked.blocking(user_id, moment)
        return notices.mark_failed(key, moment)

    @transactional()
    def _expire_batch(self, now: datetime | None) -> list[UserSubscription]:
        return expiry.expire_batch(now)

    @transactional()
    def _warn_batch(self, now: datetime | None) -> int:
        return expiry.warn_batch(now)
