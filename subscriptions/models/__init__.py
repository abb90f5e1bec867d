"""Plans as data, grants as facts, the subscription that shows them, referrals, notices; orders and money."""

from subscriptions.models.access import Grant, GrantSource, UserSubscription
from subscriptions.models.campaigns import Campaign, CampaignMember, MemberRefusal
from subscriptions.models.cases import CaseKind, PaymentCase
from subscriptions.models.notices import Notice, NoticeKind
from subscriptions.models.orders import Order, OrderState, RenewalState
from subscriptions.models.payments import ChargeKind, Payment, PaymentStatus, ReviewReason
from subscriptions.models.plans import PlanDuration, PlanPrice, ReferralProgramme, TierLimits
from subscriptions.models.referrals import Referral
from subscriptions.models.stars import StarDirection, StarSync, StarTransaction
from subscriptions.tiers import SubscriptionTier

__all__ = [
    "Campaign",
    "CampaignMember",
    "CaseKind",
    "ChargeKind",
    "Grant",
    "GrantSource",
    "MemberRefusal",
    "Notice",
    "NoticeKind",
    "Order",
    "OrderState",
    "Payment",
    "PaymentCase",
    "PaymentStatus",
    "PlanDuration",
    "PlanPrice",
    "Referral",
    "ReferralProgramme",
    "RenewalState",
    "ReviewReason",
    "StarDirection",
    "StarSync",
    "StarTransaction",
    "SubscriptionTier",
    "TierLimits",
    "UserSubscription",
]
