"""Finds users, orders, payments, lines of Telegram's list and cases by whatever a buyer has pasted.

Each look-up is a condition on one table that one index serves; rows that belong to what was found are read
by their keys afterwards.
"""

import re
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import SplitResult, parse_qs, urlsplit
from uuid import UUID

from django.db.models import Model, Q
from django.db.models import QuerySet as Rows

from faceitbot.core.ids import typed_id, typed_key
from faceitbot.core.text import remove_hostile_characters
from subscriptions.desk.belonging import payments_of
from subscriptions.models import Order, OrderState, Payment, PaymentCase, StarTransaction, UserSubscription
from users.models import User

MOST = 20
MAX_TERM_LENGTH = 512
T = TypeVar("T", bound=Model)


@dataclass
class Found:
    """What a term leads to. `named` are those rows that it names itself; the rest belongs to them."""

    term: str
    users: list[User] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    unpaid: list[Order] = field(default_factory=list)
    transactions: list[StarTransaction] = field(default_factory=list)
    cases: list[PaymentCase] = field(default_factory=list)
    named: set[UUID] = field(default_factory=set)

    def __bool__(self) -> bool:
        """Say whether anything was found."""
        return bool(self.users or self.payments or self.unpaid or self.transactions or self.cases)


def clean(pasted: str) -> str:
    """Give what is meant: an id out of a link to a profile or to the bot, a nickname without its @."""
    term = remove_hostile_characters(pasted).strip()[:MAX_TERM_LENGTH]
    if re.match(r"(https?://|t\.me/|www\.)", term):
        link = _link(term)
        code = parse_qs(link.query).get("start", [""])[0]
        term = code or link.path.rstrip("/").rpartition("/")[2] or term
    return term.removeprefix("@")


def find(pasted: str) -> Found:
    """Give all that a term names and, with users, what they paid, ordered and complained about last."""
    found = Found(clean(pasted))
    if not found.term:
        return found
    users = list(_users(found.term))
    payments = _read(Payment, _payments(found.term), "-created_at")
    orders = _read(Order, _orders(found.term), "-created_at")
    transactions = _read(StarTransaction, _transactions(found.term), "-at")
    cases = _read(PaymentCase, _cases(found.term), "-created_at")
    found.named = {row.pk for rows in (payments, orders, transactions, cases) for row in rows}
    if not (users or found.named):
        users = list(User.objects.nickname_searched(found.term).last_active_first()[:MOST])
    ids = [user.pk for user in users]
    orders += _read(Order, Q(user__in=ids), "-created_at")
    cases += _read(PaymentCase, Q(user__in=ids), "-created_at")
    keys = [row.payment_id for row in transactions if row.payment_id]
    payments += _read(Payment, Q(pk__in=keys), "-created_at")
    payments += _read(Payment, payments_of(ids), "-created_at")
    payments += _read(Payment, Q(order__in=[order.pk for order in orders]), "-created_at")
    charges = [payment.telegram_payment_charge_id for payment in payments]
    transactions += _read(StarTransaction, Q(transaction_id__in=filter(None, charges)), "-at")
    found.users = _once(users)
    found.payments = _once(payments)
    found.transactions = _once(transactions)
    found.cases = _once(cases)
    found.unpaid = _unpaid(_once(orders), found)
    return found


def _link(term: str) -> SplitResult:
    try:
        return urlsplit(term if "://" in term else f"https://{term}")
    except ValueError:  # it looks like an address and is none
        return SplitResult("", "", "", "", "")


def _users(term: str) -> Rows[User]:
    if (telegram_id := typed_id(term)) is not None:
        return User.objects.filter(telegram_id=telegram_id)
    if key := typed_key(term):
        owners = list(UserSubscription.objects.filter(pk=key).values_list("user", flat=True))
        return User.objects.filter(Q(pk__in=[key, *owners]) | Q(faceit_player_id=term))[:MOST]
    codes = UserSubscription.objects.filter(referral_code__in={term, term.upper()})
    owners = list(codes.values_list("user", flat=True))
    namesakes = list(User.objects.nickname_is(term).values_list("pk", flat=True)[:MOST])
    return User.objects.filter(Q(pk__in=[*owners, *namesakes]) | Q(faceit_player_id=term))[:MOST]


def _payments(term: str) -> Q:
    condition = Q(telegram_payment_charge_id=term) | Q(received_payload=term) | _key(term)
    telegram_id = typed_id(term)
    return condition if telegram_id is None else condition | Q(payer_telegram_id=telegram_id)


def _orders(term: str) -> Q:
    return Q(payload=term) | _key(term)


def _transactions(term: str) -> Q:
    condition = Q(transaction_id=term) | _key(term)
    telegram_id = typed_id(term)
    return condition if telegram_id is None else condition | Q(partner_telegram_id=telegram_id)


def _cases(term: str) -> Q:
    return Q(charge_id=term) & ~Q(charge_id="") | _key(term)


def _unpaid(orders: list[Order], found: Found) -> list[Order]:
    """Give the orders without money: an order that has a payment is told by that."""
    with_money = {payment.order_id for payment in found.payments}
    return [order for order in orders if order.state == OrderState.OPEN and order.pk not in with_money]


_RELATED: dict[type[Model], tuple[str, ...]] = {
    Payment: ("user", "order__user", "grant__user"),
    Order: ("user",),
    PaymentCase: ("user",),
    StarTransaction: ("payment",),
}


def _read(model: type[T], condition: Q, order: str) -> list[T]:
    rows = model._default_manager.filter(condition).select_related(*_RELATED[model])
    return list(rows.order_by(order, "pk")[:MOST])


def _once(rows: list[T]) -> list[T]:
    return list({row.pk: row for row in rows}.values())


def _key(term: str) -> Q:
    key = typed_key(term)
    return Q(pk=key) if key else Q(pk__in=[])
