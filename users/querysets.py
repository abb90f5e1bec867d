"""Named conditions and orders over users."""

import re
from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Lower

if TYPE_CHECKING:
    from users.models import User  # noqa: F401 - named in quotes below


def nickname_holds(part: str) -> Q:
    """Give the condition on `nickname_lower`; PostgreSQL lowers both sides, for Python does it otherwise."""
    return Q(nickname_lower__contains=Lower(Value(part)))


def nickname_like(term: str) -> Q:
    """Give the condition on `nickname_lower` that a search means: any part of the name.

    The index of parts wants three letters or digits in a row; what has none is taken for a whole name. Of
    other letters than Latin ones it knows where the database's own LC_CTYPE does, so not under "C".
    """
    by_part = re.search(r"[^\W_]{3}", term)
    return nickname_holds(term) if by_part else Q(nickname_lower=Lower(Value(term)))


class UserQuerySet(QuerySet["User"]):
    """What repositories, admin and analytics ask of the users' table."""

    def last_active_first(self) -> Self:
        """Order by last activity; who was never active comes last."""
        return self.order_by(F("last_active_at").desc(nulls_last=True), "id")

    def living(self) -> Self:
        """Leave out those who have been erased."""
        return self.filter(erased_at__isnull=True)

    def linked(self) -> Self:
        """Keep those with a FACEIT account."""
        return self.filter(faceit_player_id__isnull=False)

    def active_since(self, moment: datetime) -> Self:
        """Keep those who were active at the moment or later."""
        return self.filter(last_active_at__gte=moment)

    def with_lower_nickname(self) -> Self:
        """Add `nickname_lower`, spelt the way the nickname indexes are."""
        return self.alias(nickname_lower=Lower("faceit_nickname", output_field=models.TextField()))

    def nickname_is(self, nickname: str) -> Self:
        """Keep those who bear exactly this nickname in any case."""
        return self.with_lower_nickname().filter(nickname_lower=Lower(Value(nickname)))

    def nickname_among(self, nicknames: Collection[str]) -> Self:
        """Keep those who bear exactly one of these nicknames in any case."""
        lowered = [Lower(Value(nickname)) for nickname in nicknames]
        return self.with_lower_nickname().filter(nickname_lower__in=lowered)

    def nickname_contains(self, part: str) -> Self:
        """Keep those whose nickname holds this text in any case."""
        return self.with_lower_nickname().filter(nickname_holds(part))

    def nickname_searched(self, term: str) -> Self:
        """Keep those whom staff mean by a part of a nickname."""
        return self.with_lower_nickname().filter(nickname_like(term))


def tier_in_force(now: datetime, prefix: str = "") -> Case:
    """Give the expression of the tier that the stored columns mean at a moment.

    `prefix` is the path to the subscription, "subscription__" from a user. Its columns belong to the app
    above; their names stand here because figures about users want them, and nothing is imported from there.
    """
    lasts: dict[str, Q] = {
        name: Q(**{f"{prefix}{name}__isnull": True}) | Q(**{f"{prefix}{name}__gt": now})
        for name in ("expires_at", "next_expires_at")
    }
    waits = Q(**{f"{prefix}next_tier__isnull": False})
    nobody: dict[str, Any] = {f"{prefix}tier__isnull": True}
    return Case(
        When(Q(**nobody), then=Value("free")),
        When(lasts["expires_at"], then=F(f"{prefix}tier")),
        When(waits & lasts["next_expires_at"], then=F(f"{prefix}next_tier")),
        default=Value("free"),
    )
