"""What the database holds about a batch of records: a fixed number of queries, whatever their number."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef

from faceitbot.legacy_check.expecting import Expected
from subscriptions.granting import grants_of
from subscriptions.models import Grant, Order, Referral, UserSubscription
from users.models import User

SUBSCRIPTION = (
    "auto_renew",
    "payment_method",
    "daily_requests",
    "last_reset_date",
    "referral_code",
    "referrals_count",
    "tier",
    "expires_at",
    "next_tier",
    "next_expires_at",
    "updated_at",
)
_USER = (
    "id",
    "telegram_id",
    "faceit_player_id",
    "faceit_nickname",
    "last_checked_match_id",
    "waiting_for_nickname",
    "language",
    "notifications_enabled",
    "total_requests",
    "created_at",
    "updated_at",
    "last_active_at",
)
_AROUND = (
    "subscription__referred_by__telegram_id",
    "subscription__referred_by__erased_at",
    "referral__code",
    "referral__created_at",
    "referral__referrer_days",
    "referral__referee_days",
    "referral__voided_at",
    "referral__referrer__telegram_id",
    "referral__referrer__erased_at",
    "referral__referrer__subscription__referral_code",
)


@dataclass(frozen=True)
class Stored:
    """The rows about a batch of records, by Telegram id, and who else has to do with them.

    Holders have the account or code that a record claims; of referrers it is known since when they are there.
    """

    users: Mapping[int, Mapping[str, Any]]
    grants: Mapping[int, list[Grant]]
    referrals_made: Mapping[int, int]
    account_holders: Mapping[str | None, int | None]
    code_holders: Mapping[str | None, int | None]
    registered: Mapping[int | None, datetime]


def load(expected: Collection[Expected]) -> Stored:
    """Load what is there about these records."""
    users = _users(one.telegram_id for one in expected)
    ids = {row["id"]: telegram_id for telegram_id, row in users.items()}
    grants = {ids[user_id]: found for user_id, found in grants_of(ids).items()}
    made = Referral.objects.filter(referrer_id__in=list(ids), voided_at__isnull=True)
    counted = made.order_by().values_list("referrer_id").annotate(n=Count("id"))
    accounts = [one.user["faceit_player_id"] for one in expected]
    codes = [one.subscription["referral_code"] for one in expected]
    referrers = [one.referrer for one in expected if one.referrer is not None]
    living = User.objects.filter(telegram_id__isnull=False)
    holding = UserSubscription.objects.filter(
        referral_code__in=_given(codes), user__telegram_id__isnull=False
    )
    return Stored(
        users,
        grants,
        {ids[user_id]: count for user_id, count in counted},
        dict(
            living.filter(faceit_player_id__in=_given(accounts)).values_list(
                "faceit_player_id", "telegram_id"
            )
        ),
        dict(holding.values_list("referral_code", "user__telegram_id")),
        dict(living.filter(telegram_id__in=referrers).values_list("telegram_id", "created_at")),
    )


def erased_since(moment: datetime) -> Counter[datetime]:
    """Count by their registration those who were erased later: all that is left to know them by."""
    erased = User.objects.filter(erased_at__gte=moment).values_list("created_at", flat=True)
    return Counter(erased)


def _users(telegram_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    subscription = tuple(f"subscription__{name}" for name in SUBSCRIPTION)
    rows = (
        User.objects.filter(telegram_id__in=list(telegram_ids))
        .annotate(buys=Exists(Order.objects.filter(user_id=OuterRef("pk"))))
        .values(*_USER, *subscription, *_AROUND, "buys")
    )
    return {row["telegram_id"]: row for row in rows}


def _given(values: Iterable[object]) -> list[object]:
    return [value for value in values if value is not None]
