"""Writes the audit log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, NewType

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, models
from django.db.models import Q

from faceitbot.core import clock
from faceitbot.core.correlation import correlation_id
from faceitbot.core.models import AuditEntry
from faceitbot.core.text import clean_text

MAX_REASON_LENGTH = 500
# The log keeps no personal data: of such columns it says only that they have changed.
NOT_KEPT, WRITTEN = "(not kept)", "(changed)"
ENTRIES_LOOKED_AT = 500  # of each action, by `last_deeds`
# However much of one kind was done last, the index by action leads past it to the others.
_LAST_DEEDS = """
    SELECT newest, times, is_cut FROM (
        SELECT (array_agg(entry.id ORDER BY at DESC, entry.id DESC))[1] AS newest, max(at) AS at, actor_id,
            count(*) AS times,
            sum(count(*)) OVER of_action = %(most)s AND min(at) = min(min(at)) OVER of_action AS is_cut
        FROM unnest(%(actions)s::text[]) AS known (action) CROSS JOIN LATERAL (
            SELECT id, at, action, actor_id, reason, object_label FROM audit_entries
            WHERE audit_entries.action = known.action ORDER BY at DESC, id DESC LIMIT %(most)s
        ) AS entry
        GROUP BY entry.action, actor_id, reason, object_label, (at AT TIME ZONE %(zone)s)::date
        WINDOW of_action AS (PARTITION BY entry.action)
    ) AS deeds WHERE actor_id IS NOT NULL ORDER BY at DESC, newest DESC LIMIT %(limit)s
"""
ActionName = NewType("ActionName", str)
_labels: dict[str, Any] = {}


def action(name: str, label: Any) -> ActionName:
    """Declare what staff, the bot or a command may do; `noun.verb`, and a translatable label in the past."""
    _labels[name] = label
    return ActionName(name)


def actions() -> Mapping[str, Any]:
    """Give the labels of all actions by their names."""
    return _labels


def label_of_action(name: str) -> str:
    """Give what staff call an action; one of former days is called by its name."""
    return str(_labels.get(name, name))


def clean_reason(reason: object) -> str:
    """Give the reason of a staff action, which must not be empty."""
    return clean_text(reason.strip() if isinstance(reason, str) else reason, "reason", MAX_REASON_LENGTH)


@dataclass(frozen=True)
class Change:
    """One object and those of its columns that changed, as JSON values."""

    row: models.Model
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def record(
    action: ActionName,
    changes: Sequence[Change],
    *,
    actor: AbstractBaseUser | None,
    reason: str = "",
    now: datetime | None = None,
) -> list[AuditEntry]:
    """Add one entry for each object, in the transaction of the action itself; give them.

    No actor means a command or the bot; without `now` it is of this moment.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an audit entry must share the transaction of what it records")
    moment, current = now or clock.now(), correlation_id()
    return AuditEntry.objects.bulk_create(
        AuditEntry(
            at=moment,
            actor_id=actor.pk if actor else None,
            action=action,
            object_label=change.row._meta.label_lower,
            object_id=str(change.row.pk),
            reason=reason,
            before=dict(change.before),
            after=dict(change.after),
            correlation_id=current,
        )
        for change in changes
    )


def record_on_table(
    action: ActionName,
    model: type[models.Model],
    after: Mapping[str, Any],
    *,
    actor: AbstractBaseUser | None,
    reason: str = "",
) -> AuditEntry:
    """Add the one entry of what was done to a table as a whole, an export of it for example; give it."""
    return AuditEntry.objects.create(
        actor_id=actor.pk if actor else None,
        action=action,
        object_label=model._meta.label_lower,
        reason=reason,
        after=dict(after),
        correlation_id=correlation_id(),
    )


def history(row: models.Model, limit: int = 50) -> list[AuditEntry]:
    """Give what was done to an object, newest first, with its actors."""
    return list(
        AuditEntry.objects.filter(object_label=row._meta.label_lower, object_id=str(row.pk)).select_related(
            "actor"
        )[:limit]
    )


def done_since(rows: Sequence[models.Model], moment: datetime, limit: int = 5) -> list[AuditEntry]:
    """Give what was done to any of these objects after a moment, newest first, with its actors."""
    mine = [Q(object_label=row._meta.label_lower, object_id=str(row.pk)) for row in rows]
    entries = AuditEntry.objects.filter(reduce(or_, mine), at__gt=moment)
    return list(entries.select_related("actor")[:limit])


@dataclass(frozen=True)
class Deed:
    """What one of the staff did on one day for one reason, to however many objects.

    `is_cut` says that it was done to more objects than were looked at.
    """

    newest: AuditEntry
    times: int
    is_cut: bool


def last_deeds(limit: int) -> list[Deed]:
    """Give what staff did last, newest first; what is done to a thousand objects is one deed."""
    values: dict[str, Any] = {
        "actions": list(_labels),
        "most": ENTRIES_LOOKED_AT,
        "zone": settings.BOT_TIME_ZONE,
        "limit": 2 * limit,  # access is written on two objects
    }
    with connection.cursor() as cursor:
        cursor.execute(_LAST_DEEDS, values)
        rows = cursor.fetchall()
    entries = AuditEntry.objects.select_related("actor").in_bulk([newest for newest, *_rest in rows])
    found: dict[tuple[Any, ...], Deed] = {}
    for newest, times, is_cut in rows:
        entry = entries[newest]
        key = (entry.action, entry.actor_id, entry.reason, clock.today(entry.at))
        twin = found.get(key)
        if twin is None or twin.times < times:
            found[key] = Deed(entry, times, is_cut)
    return list(found.values())[:limit]
