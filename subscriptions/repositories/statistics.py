"""Figures about subscriptions. Never cached."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from faceitbot.core import clock
from faceitbot.core.figures import percentage
from faceitbot.core.transactions import query
from subscriptions.models import SubscriptionTier, UserSubscription
from users.models import User
from users.querysets import tier_in_force

TOP_REFERRERS = 10


class StatisticsMethods:
    """Counts over all subscriptions."""

    @query
    def get_tiers_in_force(self, now: datetime | None = None) -> dict[str, int]:
        """Give {tier: how many users have it}, whether or not a job has run; the erased are not counted."""
        return _tiers_in_force(clock.now() if now is None else clock.aware(now))

    @query
    def get_subscription_stats(self, now: datetime | None = None) -> dict[str, Any]:
        """Give {total_subscriptions, tier_distribution, active_paid_subscriptions, referred_users,
        referral_rate, daily_requests_today, top_referrers [{user_id, nickname, referrals}], conversion_rate}.

        Units: the rates are percentages of all subscriptions; `user_id` is the Telegram id. Tiers are those
        in force, whether or not a job has run.
        """
        moment = clock.now() if now is None else clock.aware(now)
        rows = UserSubscription.objects.filter(user__erased_at__isnull=True)
        tiers = _tiers_in_force(moment)
        counts = rows.aggregate(
            referred=Count("pk", filter=Q(referred_by__isnull=False)),
            requests=Sum("daily_requests", filter=Q(last_reset_date=clock.today(moment))),
        )
        total = sum(tiers.values())
        paid = total - tiers[SubscriptionTier.FREE]
        top = rows.filter(referrals_count__gt=0).order_by("-referrals_count", "id")
        names = ("user__telegram_id", "user__faceit_nickname", "referrals_count")
        return {
            "total_subscriptions": total,
            "tier_distribution": tiers,
            "active_paid_subscriptions": paid,
            "referred_users": counts["referred"],
            "referral_rate": percentage(counts["referred"], total),
            "daily_requests_today": counts["requests"] or 0,
            "top_referrers": [
                {"user_id": telegram_id, "nickname": nickname, "referrals": referrals}
                for telegram_id, nickname, referrals in top.values_list(*names)[:TOP_REFERRERS]
            ],
            "conversion_rate": percentage(paid, total),
        }


def _tiers_in_force(now: datetime) -> dict[str, int]:
    """Count those who have paid access, of whom there are few; everybody else is free."""
    tiers = Counter(_paid_tiers(UserSubscription.objects.all(), now))
    tiers.subtract(_paid_tiers(UserSubscription.objects.filter(user__erased_at__isnull=False), now))
    paid = {tier: tiers[tier] for tier in SubscriptionTier.paid()}
    living = User.objects.count() - User.objects.filter(erased_at__isnull=False).count()
    return {SubscriptionTier.FREE.value: living - sum(paid.values()), **paid}


def _paid_tiers(rows: QuerySet[UserSubscription], now: datetime) -> dict[str, int]:
    stored = rows.exclude(tier=SubscriptionTier.FREE).annotate(in_force=tier_in_force(now))
    return dict(stored.order_by().values_list("in_force").annotate(number=Count("*")))  # the index has no key
