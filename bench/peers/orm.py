"""Django's ORM as it comes, where that is more than a line."""

from uuid import UUID

from django.db.models import Case, F, Q, Value, When

from subscriptions.models import TierLimits, UserSubscription


async def count_request(user_id: UUID) -> int:
    """Count a request as a CASE, without what else our statement decides; give the number of rows."""
    within = Q(daily_requests__lt=TierLimits.objects.filter(tier="free").values("daily_requests")[:1])
    counted = Case(When(within, then=F("daily_requests") + Value(1)), default=F("daily_requests"))
    return await UserSubscription.objects.filter(user_id=user_id).aupdate(daily_requests=counted)
