"""The tiers by name and in order."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from subscriptions import rules


class SubscriptionTier(models.TextChoices):
    """What a user may be. `rank` orders the tiers; `<` would compare their names by the alphabet."""

    FREE = rules.FREE, _("Free")
    PREMIUM = rules.PREMIUM, _("Premium")
    PRO = rules.PRO, _("Pro")

    @classmethod
    def paid(cls) -> list[str]:
        """Give the tiers that are given for a time, the highest last."""
        return sorted((tier.value for tier in cls if tier.rank), key=rules.RANKS.__getitem__)

    @classmethod
    def paid_choices(cls) -> list[tuple[str, Any]]:
        """Give the tiers that are given for a time, with their labels."""
        return [(tier, cls(tier).label) for tier in cls.paid()]

    @property
    def rank(self) -> int:
        """Give the place of the tier: a higher one burns first."""
        return rules.RANKS[self.value]
