"""What staff call a plan that was sold."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from subscriptions.models import PlanDuration, SubscriptionTier


def name_of_tier(tier: Mapping[str, Any]) -> str:
    """Give what a tier is called."""
    return str(SubscriptionTier(tier["tier"]).label)


def name_of_plan(plan: Mapping[str, Any]) -> str:
    """Give the tier and its duration; money of the old bot has no order that says for how long."""
    duration = PlanDuration(plan["duration"]).label if plan["duration"] else _("without an order")
    return f"{name_of_tier(plan)}, {duration}"
