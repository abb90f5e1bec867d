"""The answer to a search: what needs a person first, then the newest."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from subscriptions.desk import sentences
from subscriptions.desk.finding import Found
from subscriptions.models import (
    Order,
    Payment,
    PaymentCase,
    PaymentStatus,
    StarTransaction,
    UserSubscription,
)
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from subscriptions.rules import GrantUse
from users.models import User

access, money = SubscriptionRepository(), PaymentRepository()
Row = Payment | Order | PaymentCase | StarTransaction
MOST_EXPLAINED = 5  # users whose grants are read to say what became of what they bought
NEED_A_PERSON = (PaymentStatus.NEEDS_REVIEW, PaymentStatus.REFUND_PENDING)


@dataclass(frozen=True)
class Matter:
    """One thing that happened, in words."""

    row: Row
    sentence: str
    at: datetime
    needs_person: bool
    named: bool


@dataclass(frozen=True)
class Answer:
    """What there is to say of a term."""

    sentence: str
    matters: list[Matter]
    users: list[User]
    subscriptions: dict[UUID, UserSubscription]
    read_at: datetime | None


def answer(found: Found, now: datetime) -> Answer:
    """Put what was found into sentences, the most important first."""
    read_at = money.get_star_sync.blocking().finished_at
    matters = sorted(
        _matters(found, read_at, now),
        key=lambda matter: (not matter.named, not matter.needs_person, -matter.at.timestamp()),
    )
    users = _people(found)
    rows = UserSubscription.objects.filter(user__in=[user.pk for user in users]).select_related("user")
    subscriptions = {row.user_id: row for row in rows}
    return Answer(_headline(found, matters, read_at, now), matters, users, subscriptions, read_at)


def _matters(found: Found, read_at: datetime | None, now: datetime) -> Iterator[Matter]:
    uses = _uses(found, now)

    def matter(row: Row, sentence: str, at: datetime, needs_person: bool) -> Matter:
        return Matter(row, sentence, at, needs_person, row.pk in found.named)

    for payment in found.payments:
        sentence = sentences.about_payment(payment, uses.get(payment.pk))
        yield matter(payment, sentence, payment.created_at, payment.status in NEED_A_PERSON)
    for order in found.unpaid:
        yield matter(order, sentences.about_order(order, read_at, now), order.created_at, False)
    for row in found.transactions:
        if row.payment_id is None:  # else its payment tells
            yield matter(row, sentences.about_transaction(row), row.at, row.settled_at is None)
    for case in found.cases:
        yield matter(case, sentences.about_case(case), case.created_at, case.closed_at is None)


def _uses(found: Found, now: datetime) -> dict[UUID, GrantUse]:
    """Give what became of each grant that was paid for, by payment."""
    owners = dict.fromkeys(payment.grant.user_id for payment in found.payments if hasattr(payment, "grant"))
    explained = [access.explain_access.blocking(owner, now=now) for owner in list(owners)[:MOST_EXPLAINED]]
    return {grant.payment_id: use for uses in explained for grant, use in uses if grant.payment_id}


def _people(found: Found) -> list[User]:
    """Give those whom the rows are about: who was found himself, and who ordered or bought."""
    people = {user.pk: user for user in found.users}
    rows: list[Payment | Order | PaymentCase] = [*found.payments, *found.unpaid, *found.cases]
    for row in rows:
        if row.user and row.pk in found.named:
            people.setdefault(row.user.pk, row.user)
    for payment in found.payments:
        if payment.order and payment.pk in found.named:
            people.setdefault(payment.order.user.pk, payment.order.user)
    return list(people.values())


def _headline(found: Found, matters: list[Matter], read_at: datetime | None, now: datetime) -> str:
    if matters and (matters[0].named or matters[0].needs_person):
        return matters[0].sentence
    if len(found.users) > 1:
        return _("%(n)s users are called like this. Choose one.") % {"n": len(found.users)}
    if matters:
        return matters[0].sentence
    if found.users:
        return _("%(who)s has never ordered or paid for anything.") % {"who": sentences.who(found.users[0])}
    nothing = _("Nobody and no payment here has “%(term)s”.") % {"term": found.term}
    return f"{nothing} {sentences.about_reading(read_at, None, now)}"
