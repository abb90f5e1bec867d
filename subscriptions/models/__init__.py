"""Plans as data, grants as facts, the subscription that shows them, referrals, notices."""

from subscriptions.models.access import Grant, GrantSource, UserSubscription
from subscriptions.models.notices import Notice, NoticeKind
from subscriptions.models.plans import PlanDuration, PlanPrice, ReferralProgramme, TierLimits
from subscriptions.models.referrals import Referral
from subscriptions.tiers import SubscriptionTier

__all__ = [
    "Grant",
    "GrantSource",
    "Notice",
    "NoticeKind",
    "PlanDuration",
    "PlanPrice",
    "Referral",
    "ReferralProgramme",
    "SubscriptionTier",
    "TierLimits",
    "UserSubscription",
]
