"""Access, limits, referrals, notices and money, as the bot, the admin and the commands use them."""

from subscriptions.allowance import RequestAllowance
from subscriptions.payments.checkout import CheckoutDecision
from subscriptions.payments.completing import PaymentOutcome
from subscriptions.payments.refunding import RefundToSubmit
from subscriptions.payments.stars.reports import ReconcileReport
from subscriptions.referrals import ReferralResult
from subscriptions.repositories.campaigns import CampaignProgress, CampaignRepository
from subscriptions.repositories.ledgers import (
    GrantRepository,
    OrderRepository,
    PaymentCaseRepository,
    ReferralRepository,
    StarTransactionRepository,
)
from subscriptions.repositories.payment import PaymentRepository
from subscriptions.repositories.subscription import SubscriptionRepository

__all__ = [
    "CampaignProgress",
    "CampaignRepository",
    "CheckoutDecision",
    "GrantRepository",
    "OrderRepository",
    "PaymentCaseRepository",
    "PaymentOutcome",
    "PaymentRepository",
    "ReconcileReport",
    "ReferralRepository",
    "ReferralResult",
    "RefundToSubmit",
    "RequestAllowance",
    "StarTransactionRepository",
    "SubscriptionRepository",
]
