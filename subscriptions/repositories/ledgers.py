"""Rows that are facts, to read."""

from faceitbot.core.ledger import LedgerRepository
from subscriptions.models import Grant, Order, PaymentCase, Referral, StarTransaction


class GrantRepository(LedgerRepository[Grant]):
    """The facts that access rests on. Cached: no."""

    model = Grant
    fields = frozenset(field.attname for field in Grant._meta.concrete_fields)
    relationships = frozenset({"user", "payment", "referral", "actor", "revoked_by"})


class ReferralRepository(LedgerRepository[Referral]):
    """Who brought whom. Cached: no."""

    model = Referral
    fields = frozenset(field.attname for field in Referral._meta.concrete_fields)
    relationships = frozenset({"referrer", "referee", "grants"})


class OrderRepository(LedgerRepository[Order]):
    """What was offered. Cached: no."""

    model = Order
    fields = frozenset(field.attname for field in Order._meta.concrete_fields)
    relationships = frozenset({"user", "payments"})


class PaymentCaseRepository(LedgerRepository[PaymentCase]):
    """What buyers complained about. Cached: no."""

    model = PaymentCase
    fields = frozenset(field.attname for field in PaymentCase._meta.concrete_fields)
    relationships = frozenset({"user", "closed_by"})


class StarTransactionRepository(LedgerRepository[StarTransaction]):
    """Telegram's list of the bot's Stars. Cached: no."""

    model = StarTransaction
    fields = frozenset(field.attname for field in StarTransaction._meta.concrete_fields)
    relationships = frozenset({"payment"})
