"""What the tables of subscriptions and money hold about people."""

from datetime import datetime

from django.db.models import Q

from faceitbot.core.personal import Person, PersonalTable
from subscriptions.models import (
    Campaign,
    CampaignMember,
    Grant,
    Notice,
    Order,
    Payment,
    PaymentCase,
    PaymentStatus,
    PlanPrice,
    Referral,
    ReferralProgramme,
    StarSync,
    StarTransaction,
    TierLimits,
    UserSubscription,
)
from subscriptions.payments.payloads import legacy_payloads


def _payer(person: Person) -> Q:
    payloads = legacy_payloads(person.telegram_id)
    return Q(payer_telegram_id=person.telegram_id) | Q(received_payload__in=payloads)


def _partner(person: Person) -> Q:
    payloads = legacy_payloads(person.telegram_id)
    return Q(partner_telegram_id=person.telegram_id) | Q(payload__in=payloads)


def _money_settled(before: datetime) -> Q:
    # A refund that is still awaited needs its payer, whenever the payment was completed.
    return Q(status=PaymentStatus.COMPLETED, completed_at__lt=before) | Q(
        status=PaymentStatus.REFUNDED, refunded_at__lt=before
    )


def _transaction_settled(before: datetime) -> Q:
    return Q(settled_at__isnull=False, at__lt=before)


SUBSCRIPTIONS = PersonalTable(
    UserSubscription,
    owners=("user",),
    cleared=("referral_code",),
    kept=(
        "id",
        "user_id",
        "tier",
        "expires_at",
        "next_tier",
        "next_expires_at",
        "daily_requests",
        "last_reset_date",
        "auto_renew",
        "renewal_failed_at",
        "payment_method",
        "referred_by_id",
        "referrals_count",
        "created_at",
    ),
    impersonal=("updated_at",),
)
GRANTS = PersonalTable(
    Grant,
    owners=("user",),
    words=("reason", "revoke_reason", "request_id"),
    kept=(
        "id",
        "user_id",
        "tier",
        "starts_at",
        "duration",
        "source",
        "payment_id",
        "referral_id",
        "created_at",
        "revoked_at",
    ),
    impersonal=("actor_id", "revoked_by_id"),
)
REFERRALS = PersonalTable(
    Referral,
    owners=("referrer", "referee"),
    cleared=("code",),
    words=("void_reason",),
    kept=("id", "referrer_id", "referee_id", "referrer_days", "referee_days", "created_at", "voided_at"),
    impersonal=("voided_by_id",),
)
NOTICES = PersonalTable(
    Notice,
    owners=("user",),
    deleted=True,
    words=("data", "subject"),
    kept=("id", "user_id", "kind", "created_at", "claimed_until", "attempts", "sent_at", "given_up_at"),
)
ORDERS = PersonalTable(
    Order,
    owners=("user",),
    words=("description",),  # a bot may write what it likes; the title is ours
    kept=(
        "id",
        "payload",
        "user_id",
        "tier",
        "duration",
        "days",
        "stars",
        "list_stars",
        "recurring",
        "title",
        "created_at",
        "expires_at",
        "state",
        "paid_at",
        "renewal",
    ),
)
PAYMENTS = PersonalTable(
    Payment,
    owners=("user",),
    also=_payer,
    words=("error",),
    # Nobody says what a provider's charge id is made of; it may hold the payer's id.
    forgotten=("payer_telegram_id", "received_payload", "received_odd", "provider_payment_charge_id"),
    over=_money_settled,
    kept=(
        "id",
        "order_id",
        "user_id",
        "amount",
        "tier",
        "days",
        "status",
        "telegram_payment_charge_id",
        "charge_kind",
        "review_reason",
        "received_amount",
        "received_currency",
        "received_at",
        "created_at",
        "completed_at",
        "refunded_at",
        "refund_requested_at",
        "refund_claimed_until",
        "refund_attempts",
    ),
)
STAR_TRANSACTIONS = PersonalTable(
    StarTransaction,
    owners=("payment__user",),
    also=_partner,
    forgotten=("partner_telegram_id", "payload"),
    over=_transaction_settled,
    kept=(
        "id",
        "transaction_id",
        "direction",
        "amount",
        "nanostar_amount",
        "at",
        "partner_type",
        "transaction_type",
        "subscription_seconds",
        "payment_id",
        "created_at",
        "settled_at",
    ),
)
CASES = PersonalTable(
    PaymentCase,
    owners=("user",),
    words=("text", "charge_id", "resolution"),
    kept=("id", "user_id", "kind", "created_at", "updated_at", "closed_at"),
    impersonal=("closed_by_id",),
)
MEMBERS = PersonalTable(
    CampaignMember,
    owners=("user",),
    kept=("campaign_id", "user_id", "grant_id", "refusal", "done_at"),
)
TABLES = (SUBSCRIPTIONS, GRANTS, REFERRALS, MEMBERS, NOTICES, ORDERS, PAYMENTS, STAR_TRANSACTIONS, CASES)

NOBODYS = (
    PersonalTable(
        Campaign,
        impersonal=(
            "id",
            "name",
            "tier",
            "days",
            "reason",
            "actor_id",
            "members",
            "created_at",
            "stopped_at",
            "finished_at",
        ),
    ),
    PersonalTable(
        TierLimits,
        impersonal=(
            "tier",
            "daily_requests",
            "matches_history",
            "advanced_analytics",
            "notifications",
            "api_access",
            "priority_support",
            "updated_at",
        ),
    ),
    PersonalTable(PlanPrice, impersonal=("id", "tier", "duration", "days", "stars", "on_sale", "updated_at")),
    PersonalTable(
        ReferralProgramme,
        impersonal=(
            "id",
            "referrer_tier",
            "referrer_days",
            "referee_tier",
            "referee_days",
            "most_bonuses",
            "window_days",
            "updated_at",
        ),
    ),
    PersonalTable(
        StarSync,
        impersonal=(
            "id",
            "position",
            "last_transaction_id",
            "claimed_until",
            "claimed_by",
            "claimed_at",
            "finished_at",
            "requested_at",
            "since",
        ),
    ),
)
