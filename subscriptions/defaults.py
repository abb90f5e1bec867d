"""The plans and the referral programme that a new installation starts with; staff change them later."""

from typing import Any

LIMITS: dict[str, dict[str, Any]] = {
    "free": {
        "daily_requests": 10,
        "matches_history": 20,
        "advanced_analytics": False,
        "notifications": True,
        "api_access": False,
        "priority_support": False,
    },
    "premium": {
        "daily_requests": 100,
        "matches_history": 50,
        "advanced_analytics": True,
        "notifications": True,
        "api_access": True,
        "priority_support": False,
    },
    "pro": {
        "daily_requests": -1,
        "matches_history": 200,
        "advanced_analytics": True,
        "notifications": True,
        "api_access": True,
        "priority_support": True,
    },
}
PRICES: list[dict[str, Any]] = [
    {"tier": "premium", "duration": "monthly", "days": 30, "stars": 199},
    {"tier": "premium", "duration": "yearly", "days": 365, "stars": 1999},
    {"tier": "pro", "duration": "monthly", "days": 30, "stars": 299},
    {"tier": "pro", "duration": "yearly", "days": 365, "stars": 2999},
]
PROGRAMME: dict[str, Any] = {
    "referrer_tier": "premium",
    "referrer_days": 30,
    "referee_tier": "premium",
    "referee_days": 7,
    "most_bonuses": 20,
    "window_days": 30,
}


def create_defaults(tier_limits: Any, plan_prices: Any, programme: Any) -> None:
    """Add the rows that are missing; those that are there stay as staff have set them.

    Takes the three model classes: those of a migration, or those of today.
    """
    for tier, limits in LIMITS.items():
        tier_limits.objects.get_or_create(tier=tier, defaults=limits)
    for price in PRICES:
        rest = {name: value for name, value in price.items() if name not in ("tier", "duration")}
        plan_prices.objects.get_or_create(tier=price["tier"], duration=price["duration"], defaults=rest)
    programme.objects.get_or_create(id=1, defaults=PROGRAMME)
