"""What the lists of money and access hold when staff take them out."""

from typing import Any

from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from faceitbot.core import clock
from faceitbot.core.exports.columns import Cell, Column, text
from subscriptions.models import SubscriptionTier
from users.querysets import tier_in_force


def _tier_in_force() -> Combinable:
    return tier_in_force(clock.now())


def _tier(value: Any) -> Cell:
    return str(SubscriptionTier(value).label)


_BUYER = (
    Column("user__telegram_id", cell=text),
    Column("user__faceit_nickname"),
    Column("user_id", _("our id of the user")),
)
PAYMENTS = (
    Column("id", _("id")),
    *_BUYER,
    Column("status"),
    Column("amount"),
    Column("tier"),
    Column("days"),
    Column("charge_kind"),
    Column("telegram_payment_charge_id"),
    Column("order__payload"),
    Column("payer_telegram_id", cell=text),
    Column("received_amount"),
    Column("received_currency"),
    Column("review_reason"),
    Column("created_at"),
    Column("completed_at"),
    Column("refund_requested_at"),
    Column("refunded_at"),
)
ORDERS = (
    Column("id", _("id")),
    *_BUYER,
    Column("state"),
    Column("tier"),
    Column("duration"),
    Column("days"),
    Column("stars"),
    Column("list_stars"),
    Column("recurring"),
    Column("renewal", _("state of the renewal")),
    Column("payload"),
    Column("created_at"),
    Column("expires_at"),
    Column("paid_at"),
)
SUBSCRIPTIONS = (
    *_BUYER,
    Column(_tier_in_force, _("tier in force"), _tier),
    Column("tier", _("stored tier")),
    Column("expires_at"),
    Column("next_tier"),
    Column("next_expires_at"),
    Column("auto_renew"),
    Column("daily_requests"),
    Column("last_reset_date"),
    Column("referral_code"),
    Column("referrals_count"),
    Column("created_at"),
)
GRANTS = (
    Column("id", _("id")),
    *_BUYER,
    Column("tier"),
    Column("starts_at"),
    Column("duration", _("days, empty: for ever")),
    Column("source"),
    Column("actor__username", _("given by")),
    Column("reason"),
    Column("payment_id", _("payment")),
    Column("created_at"),
    Column("revoked_at"),
    Column("revoked_by__username", _("revoked by")),
    Column("revoke_reason"),
)
STAR_TRANSACTIONS = (
    Column("transaction_id"),
    Column("direction"),
    Column("amount"),
    Column("nanostar_amount"),
    Column("at"),
    Column("partner_type"),
    Column("partner_telegram_id", cell=text),
    Column("transaction_type"),
    Column("payload"),
    Column("payment_id", _("payment")),
    Column("created_at"),
    Column("settled_at"),
)
