"""Access, limits, referrals and notices, as the bot, the admin and the commands use them."""

from subscriptions.allowance import RequestAllowance
from subscriptions.referrals import ReferralResult
from subscriptions.repositories.ledgers import GrantRepository, ReferralRepository
from subscriptions.repositories.subscription import SubscriptionRepository

__all__ = [
    "GrantRepository",
    "ReferralRepository",
    "ReferralResult",
    "RequestAllowance",
    "SubscriptionRepository",
]
