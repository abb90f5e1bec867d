"""Grants and referrals, to read."""

from faceitbot.core.ledger import LedgerRepository
from subscriptions.models import Grant, Referral


class GrantRepository(LedgerRepository[Grant]):
    """The facts that access rests on. Cached: no."""

    model = Grant
    fields = frozenset(field.attname for field in Grant._meta.concrete_fields)
    relationships = frozenset({"user", "referral", "actor", "revoked_by"})


class ReferralRepository(LedgerRepository[Referral]):
    """Who brought whom. Cached: no."""

    model = Referral
    fields = frozenset(field.attname for field in Referral._meta.concrete_fields)
    relationships = frozenset({"referrer", "referee", "grants"})
