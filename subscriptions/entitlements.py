"""What users may do besides making requests: the features of the tiers in force, for any number of users."""

from collections.abc import Sequence
from typing import Any

from faceitbot.core.statements import TextRows
from subscriptions.allowance import ASKED, DECIDE, ROWS, values_of

FEATURES = ("matches_history", "advanced_analytics", "notifications", "api_access", "priority_support")
_LOOK = f"""
WITH {ASKED}, held AS ({ROWS}), {DECIDE}
SELECT user_id, tier, expires_at, {", ".join(f"tier_limits.{name}" for name in FEATURES)}
FROM decided JOIN tier_limits USING (tier)
"""


def entitlements(row: Sequence[Any]) -> dict[str, dict[str, Any]]:
    """Give for every feature {value, tier, expires_at}; a row is a tier, its end, and the plan's values."""
    tier, expires_at, *values = row
    return {
        name: {"value": value, "tier": tier, "expires_at": expires_at}
        for name, value in zip(FEATURES, values, strict=True)
    }


ENTITLEMENTS = TextRows(
    _LOOK,
    lambda user_ids: values_of(user_ids, [1] * len(user_ids), None),
    key_at=0,
    instance=lambda row: entitlements(row[1:]),
)
