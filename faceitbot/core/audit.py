"""Writes the audit log."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, models

from faceitbot.core import clock
from faceitbot.core.correlation import correlation_id
from faceitbot.core.models import AuditEntry
from faceitbot.core.text import clean_text

MAX_REASON_LENGTH = 500


def clean_reason(reason: object) -> str:
    """Give the reason of a staff action, which must not be empty."""
    return clean_text(reason.strip() if isinstance(reason, str) else reason, "reason", MAX_REASON_LENGTH)


def record(
    action: str,
    row: models.Model,
    *,
    actor: AbstractBaseUser | None,
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Add one entry in the transaction of the action itself.

    `action` is named `noun.verb`; `before` and `after` hold the changed columns as JSON values.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an audit entry must share the transaction of what it records")
    AuditEntry.objects.create(
        at=clock.now(),
        actor_id=actor.pk if actor else None,
        action=action,
        object_label=row._meta.label_lower,
        object_id=str(row.pk),
        reason=reason,
        before=dict(before or {}),
        after=dict(after or {}),
        correlation_id=correlation_id(),
    )
