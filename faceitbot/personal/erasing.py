"""Erases a person: who he was goes, what he did and paid stays under the pseudonym."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import cast

import structlog
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from faceitbot.core import audit, clock, personal
from faceitbot.core.append_only import ERASURE, begin_erasing
from faceitbot.core.attempts import Plan, run
from faceitbot.core.cache import maintenance
from faceitbot.core.cache.configuration import ALIASES
from faceitbot.core.cache.state import CacheUnavailable
from faceitbot.core.errors import InvalidInput
from faceitbot.core.ids import telegram_id as checked_telegram_id
from faceitbot.core.personal import Person
from faceitbot.core.signals import personal_data_erase
from faceitbot.personal.naming import names_of, pattern_of
from faceitbot.personal.tables import TABLES
from subscriptions.models import Payment, RenewalState
from users.models import User

ERASED = audit.action(ERASURE, _("User erased"))
BUDGET_SECONDS = 120.0
_RENEWING = (RenewalState.ACTIVE, RenewalState.FAILED)
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Erasure:
    """What erasing did: the number of rows that it changed in each table, and what is still there.

    `waiting` counts the rows of each table that hold the Telegram id until they may be forgotten; `renewing`
    are the charges of subscriptions that Telegram goes on with until the bot ends them.
    """

    changed: Counter[str]
    waiting: Counter[str]
    renewing: list[str] = field(default_factory=list)


def erase_person(
    telegram_id: int, *, reason: str, actor: AbstractBaseUser | None = None, now: datetime | None = None
) -> Erasure:
    """Erase whoever has this Telegram id; again, or for an unknown one, nothing changes.

    Errors: `InvalidInput`, also for a reason that names the person, since it is kept; `Refused` with the
    reason money_under_way, naming the payments. Nothing is erased then.
    Concurrency: all or nothing. Whoever writes about the user meanwhile is done before, and erased with him,
    or comes after, and finds nobody.
    Cached: nothing of him is left in Redis; where Redis is away, until its values' time is over.
    """
    wanted = checked_telegram_id(telegram_id, "telegram_id")
    body = partial(_erase, wanted, audit.clean_reason(reason), actor, clock.aware_or_none(now))
    return run(body, Plan("erase_person", budget_seconds=BUDGET_SECONDS))


def _erase(telegram_id: int, reason: str, actor: AbstractBaseUser | None, now: datetime | None) -> Erasure:
    # Not even a row that refers to the user is written until this ends.
    user = User.objects.select_for_update().filter(telegram_id=telegram_id).first()
    person = Person(telegram_id, user.pk if user else None)
    if re.search(pattern_of(names_of(person)), reason, re.IGNORECASE):
        raise InvalidInput("the reason is kept, so it must not name the person", field="reason")
    moment = now or clock.now()
    renewing = _renewing(user) if user else []
    if user:
        change = audit.Change(user, {}, {"erased_at": moment.isoformat()})
        (entry,) = audit.record(ERASED, [change], actor=actor, reason=reason)
        begin_erasing(entry)
    elif any(table.to_erase(person).exists() for table in personal.tables()):
        begin_erasing(audit.record_on_table(ERASED, User, {}, actor=actor, reason=reason))
    # First, for the logs are found by the rows that they are about.
    changed = personal.erase(TABLES, person)
    for _receiver, answer in personal_data_erase.send(sender=Person, person=person, now=moment):
        changed += cast("Counter[str]", answer)
    if changed:
        transaction.on_commit(_empty_caches, robust=True)
    waiting = Counter({table.name: table.waiting(person) for table in personal.tables()})
    return Erasure(changed, +waiting, renewing)


def _renewing(user: User) -> list[str]:
    """Give the charges by which Telegram knows the subscriptions that go on: the first one of each order."""
    paid = Payment.objects.filter(order__user=user, order__renewal__in=_RENEWING, completed_at__isnull=False)
    first = paid.order_by("order_id", "completed_at").distinct("order_id")
    return [charge for charge in first.values_list("telegram_payment_charge_id", flat=True) if charge]


def _empty_caches() -> None:
    """Remove all that is cached: moved stamps keep old values from being served, not from lying there."""
    for alias in ALIASES:
        try:
            maintenance.clear(alias)
        except CacheUnavailable as error:
            log.warning("personal.cache_not_emptied", alias=alias, why=str(error))
