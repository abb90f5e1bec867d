"""The repository of subscriptions, put together from its parts."""

from faceitbot.core.ledger import LedgerRepository
from subscriptions.models import UserSubscription
from subscriptions.repositories.access import AccessMethods
from subscriptions.repositories.noticing import NoticeMethods
from subscriptions.repositories.referring import ReferralMethods
from subscriptions.repositories.requests import RequestMethods
from subscriptions.repositories.statistics import StatisticsMethods


class SubscriptionRepository(
    AccessMethods,
    RequestMethods,
    ReferralMethods,
    NoticeMethods,
    StatisticsMethods,
    LedgerRepository[UserSubscription],
):
    """Access, limits, referrals and notices; `user_id` is our UUID. Nothing here is ever cached."""

    model = UserSubscription
    fields = frozenset(field.attname for field in UserSubscription._meta.concrete_fields)
    relationships = frozenset({"user", "referred_by"})
