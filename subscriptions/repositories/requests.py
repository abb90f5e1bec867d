"""Counting requests."""

from collections.abc import Mapping
from datetime import datetime
from itertools import chain
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext_lazy as _

from faceitbot.core import audit, clock
from faceitbot.core.ids import row_id
from faceitbot.core.statements import one_row, tallied
from faceitbot.core.statements.line import Line, Row
from faceitbot.core.transactions import query, transactional
from subscriptions import allowance
from subscriptions.allowance import RequestAllowance
from subscriptions.granting import locked_subscription
from subscriptions.measures import count_decisions, note_decision
from subscriptions.models import UserSubscription
from subscriptions.repositories.keys import user_at_present

RESET = audit.action("subscription.requests_reset", _("Requests of today set to 0"))


async def _consume_together(_repository: object, line: Line, numbers: Mapping[UUID, int]) -> list[Row]:
    return await allowance.consume_together(line, numbers)


async def _consumed_together(
    _repository: object, rows: list[Row], numbers: Mapping[UUID, int]
) -> dict[UUID, list[RequestAllowance]]:
    found = allowance.consumed_together(rows, numbers)
    count_decisions(chain.from_iterable(found.values()))
    return found


class RequestMethods:
    """The daily limit; `user_id` is our UUID."""

    @tallied(_consume_together, _consumed_together, key=user_at_present, in_own_task=True)
    @transactional()
    def consume_request(self, user_id: UUID, now: datetime | None = None) -> RequestAllowance:
        """Count one request if the limit of the tier in force allows it; one statement.

        Errors: `UserNotFound`. Concurrency: any number of calls admit exactly as many as the limit.
        """
        return note_decision(allowance.consume(row_id(user_id, "user_id"), clock.aware_or_none(now)))

    @one_row(by="user_id", key=user_at_present, rows=allowance.LOOK_TOGETHER, or_body=True)
    @query
    def can_make_request(self, user_id: UUID, now: datetime | None = None) -> RequestAllowance:
        """Say whether `consume_request` would admit a request; change nothing. Errors: `UserNotFound`."""
        return allowance.look(row_id(user_id, "user_id"), clock.aware_or_none(now))

    @transactional()
    def increment_request_count(self, user_id: UUID, now: datetime | None = None) -> int | None:
        """Count one request whatever the limit; give today's number, None for an unknown user."""
        key = row_id(user_id, "user_id")
        if locked_subscription(key) is None:
            return None
        return allowance.increment(key, clock.aware_or_none(now))

    @transactional()
    def give_back_request(self, user_id: UUID, now: datetime | None = None) -> int | None:
        """Take back one of today's requests, never below 0; give today's number, None without a row."""
        return allowance.give_back(row_id(user_id, "user_id"), clock.aware_or_none(now))

    @transactional()
    def reset_request_count(
        self, user_id: UUID, *, actor: AbstractBaseUser, reason: str
    ) -> UserSubscription | None:
        """Set today's requests to 0, with an audit entry; None for an unknown user."""
        reason = audit.clean_reason(reason)
        key = row_id(user_id, "user_id")
        subscription = locked_subscription(key)
        if subscription is None:
            return None
        # The column may still hold the number of another day.
        before = {"daily_requests": allowance.look(key).limits["daily_requests"]}
        subscription.daily_requests, subscription.updated_at = 0, clock.now()
        subscription.save(update_fields=["daily_requests", "updated_at"])
        change = audit.Change(subscription, before, {"daily_requests": 0})
        audit.record(RESET, [change], actor=actor, reason=reason)
        return subscription
