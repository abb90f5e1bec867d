"""How many analyses a user keeps: what his plan says, for the app of matches that does not know of plans."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from matches import keeping
from subscriptions.models import TierLimits
from users.models import User
from users.querysets import tier_in_force


def analyses_kept(user_ids: Sequence[UUID], now: datetime) -> Mapping[UUID, int]:
    """Give, for each of these users, `matches_history` of the tier that is in force at a moment."""
    limits = dict(TierLimits.objects.values_list("tier", "matches_history"))
    people = User.objects.filter(pk__in=user_ids).annotate(tier=tier_in_force(now, "subscription__"))
    return {user_id: limits[tier] for user_id, tier in people.values_list("pk", "tier")}


def connect() -> None:
    """Have it asked."""
    keeping.ask(analyses_kept)
