"""Finds users, orders, payments, lines of Telegram's list and cases by whatever a buyer has pasted.

Each look-up is a condition on one table that one index serves; rows that belong to what was found are read
by their keys afterwards.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit
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
MOST_WORDS = 12  # of a longer text, that are looked for
QUOTES = ("«»", "“”", "„“", "‘’", '""', "''", "``")
# What may stand around an id in a text, and is no part of it.
AROUND = "".join(QUOTES) + "<>()[].,;:!?#№=…"
SHORTEST_ID = 5  # shorter numbers in a text are prices and days
LINK = re.compile(r"(https?://|tg://|www\.|(m\.)?faceit\.com/|t\.me/|telegram\.me/)", re.IGNORECASE)
PROFILE = re.compile(r"/players(?:-modal)?/([^/]+)")
NAMED_IN_LINKS = ("start", "id", "user_id", "domain")
LABELLED_ID = re.compile(r"(?:(?:telegram|tg|телеграм)[\s-]*)?\b(?:id|ид|айди)\W{1,3}(\d+)", re.IGNORECASE)
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
    """Give what is meant: an id out of a link, out of quotes, after its label; a nickname without its @."""
    term = remove_hostile_characters(" ".join(pasted[: 2 * MAX_TERM_LENGTH].split())).strip()
    term = _unquoted(term[:MAX_TERM_LENGTH])
    if LINK.match(term) and " " not in term:
        term = _named_by(_link(term)) or term
    elif labelled := LABELLED_ID.fullmatch(term):
        term = labelled[1]
    elif re.fullmatch(r"[\d\s]+", term):  # 123 456 789, as some clients write a number
        term = re.sub(r"\s", "", term)
    return term.removeprefix("@")


def words_of(pasted: str) -> list[str]:
    """Give what may be ids in a longer text, a receipt for example: links, @nicks, words with a digit."""
    parts = [part.strip(AROUND) for part in pasted[: 10 * MAX_TERM_LENGTH].split()]
    ids = [part for part in parts if _may_name(part)]
    terms = dict.fromkeys(clean(part) for part in [*LABELLED_ID.findall(pasted), *ids])
    return sorted(filter(None, terms), key=len, reverse=True)[:MOST_WORDS]


def find(pasted: str) -> Found:
    """Give all that a term names and, with users, what they paid, ordered and complained about last.

    Where the term as a whole names nothing, the ids in it are looked for.
    """
    found = Found(clean(pasted))
    if not found.term:
        return found
    _read_named(found, [found.term])
    if not found:
        found.users = list(User.objects.nickname_searched(found.term).last_active_first()[:MOST])
    words = [] if found else words_of(pasted)
    if words and words != [found.term]:
        _read_named(found, words)
    _read_belonging(found)
    return found


def _read_named(found: Found, terms: Sequence[str]) -> None:
    """Read what terms name; one look-up for each table, however many there are."""
    found.users = list(_users(terms))
    found.payments = _read(Payment, _payments(terms), "-created_at")
    found.unpaid = _read(Order, _orders(terms), "-created_at")
    found.transactions = _read(StarTransaction, _transactions(terms), "-at")
    found.cases = _read(PaymentCase, _cases(terms), "-created_at")
    rows = (*found.payments, *found.unpaid, *found.transactions, *found.cases)
    found.named = {row.pk for row in rows}


def _read_belonging(found: Found) -> None:
    """Read what belongs to the rows that were found."""
    payments, transactions = found.payments, found.transactions
    ids = [user.pk for user in found.users]
    orders = found.unpaid + _read(Order, Q(user__in=ids), "-created_at")
    cases = found.cases + _read(PaymentCase, Q(user__in=ids), "-created_at")
    keys = [row.payment_id for row in transactions if row.payment_id]
    payments += _read(Payment, Q(pk__in=keys), "-created_at")
    payments += _read(Payment, payments_of(ids), "-created_at")
    payments += _read(Payment, Q(order__in=[order.pk for order in orders]), "-created_at")
    charges = [payment.telegram_payment_charge_id for payment in payments]
    transactions += _read(StarTransaction, Q(transaction_id__in=filter(None, charges)), "-at")
    found.payments = _once(payments)
    found.transactions = _once(transactions)
    found.cases = _once(cases)
    found.unpaid = _unpaid(_once(orders), found)


def _may_name(word: str) -> bool:
    if word.isdigit():
        return len(word) >= SHORTEST_ID
    return bool(LINK.match(word) or word.startswith("@") or re.search(r"\d", word))


def _unquoted(term: str) -> str:
    """Give a text without the quotes around the whole of it."""
    inside = term[1:-1].strip()
    return inside if inside and term[0] + term[-1] in QUOTES else term


def _named_by(link: SplitResult) -> str:
    """Give whom or what an address is about: FACEIT's, Telegram's, or one of our own pages."""
    asked = parse_qs(link.query)
    if found := next((asked[name][0] for name in NAMED_IN_LINKS if name in asked), ""):
        return found
    if profile := PROFILE.search(link.path):
        return unquote(profile[1])
    parts = [unquote(part) for part in link.path.split("/") if part]
    return next((part for part in parts if typed_key(part)), parts[-1] if parts else "")


def _link(term: str) -> SplitResult:
    try:
        return urlsplit(term if "://" in term else f"https://{term}")
    except ValueError:  # it looks like an address and is none
        return SplitResult("", "", "", "", "")


def _users(terms: Sequence[str]) -> Rows[User]:
    keys, names = _keys(terms), [term for term in terms if typed_id(term) is None]
    owned = UserSubscription.objects.filter(pk__in=keys).values_list("user", flat=True) if keys else ()
    codes = {*names, *(name.upper() for name in names)}
    owners = UserSubscription.objects.filter(referral_code__in=codes).values_list("user", flat=True)
    namesakes = User.objects.nickname_among(names).values_list("pk", flat=True)[:MOST]
    ids = [*keys, *owned, *owners, *namesakes] if names else []
    known = Q(pk__in=ids) | Q(faceit_player_id__in=names) | Q(telegram_id__in=_ids(terms))
    return User.objects.filter(known)[:MOST]


def _payments(terms: Sequence[str]) -> Q:
    condition = Q(telegram_payment_charge_id__in=terms) | Q(received_payload__in=terms)
    return condition | Q(pk__in=_keys(terms)) | Q(payer_telegram_id__in=_ids(terms))


def _orders(terms: Sequence[str]) -> Q:
    return Q(payload__in=terms) | Q(pk__in=_keys(terms))


def _transactions(terms: Sequence[str]) -> Q:
    condition = Q(transaction_id__in=terms) | Q(pk__in=_keys(terms))
    return condition | Q(partner_telegram_id__in=_ids(terms))


def _cases(terms: Sequence[str]) -> Q:
    return Q(charge_id__in=terms) & ~Q(charge_id="") | Q(pk__in=_keys(terms))


def _ids(terms: Sequence[str]) -> list[int]:
    return [number for term in terms if (number := typed_id(term)) is not None]


def _keys(terms: Sequence[str]) -> list[UUID]:
    return [key for term in terms if (key := typed_key(term))]


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
