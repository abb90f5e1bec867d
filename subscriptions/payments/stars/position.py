"""How far Telegram's list has been read, and who reads it now. Runs inside a transaction."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection
from django.utils.translation import gettext_lazy as _

from faceitbot.core import audit
from subscriptions.granting import database_now
from subscriptions.models import StarSync

LEASE = timedelta(minutes=2)  # for one page
REQUESTED = audit.action("star_sync.requested", _("Reconciliation requested"))

_CLAIM = """
UPDATE star_sync SET claimed_by = %(me)s, claimed_until = %(until)s, claimed_at = %(now)s
WHERE id = 1 AND (claimed_until IS NULL OR claimed_until <= %(now)s)
RETURNING position, last_transaction_id
"""
_ADVANCE = """
UPDATE star_sync SET position = %(position)s, last_transaction_id = %(last)s,
    claimed_until = %(until)s
WHERE id = 1 AND claimed_by = %(me)s
"""
# What was asked for while the list was being read is answered by the next run.
_RELEASE = """
UPDATE star_sync SET claimed_by = NULL, claimed_until = NULL,
    finished_at = CASE WHEN %(finished)s THEN %(now)s ELSE finished_at END,
    requested_at = CASE WHEN %(finished)s AND requested_at <= claimed_at THEN NULL ELSE requested_at END
WHERE id = 1 AND claimed_by = %(me)s
"""


_REQUEST = "UPDATE star_sync SET requested_at = %(now)s WHERE id = 1 AND requested_at IS NULL"


class Position(NamedTuple):
    """How many transactions have been read, and the id of the last of them."""

    read: int
    last_transaction_id: str


def claim(me: UUID, now: datetime | None = None) -> Position | None:
    """Become the one who reads; None while somebody else is, or died and his lease lasts."""
    StarSync.objects.get_or_create(id=1)
    with connection.cursor() as cursor:
        moment = now or database_now()
        cursor.execute(_CLAIM, {"me": me, "now": moment, "until": moment + LEASE})
        row = cursor.fetchone()
    return Position(*row) if row else None


def advance(me: UUID, position: Position, now: datetime | None = None) -> bool:
    """Remember how far the list was read, and go on reading; False for who was taken for dead meanwhile."""
    until = (now or database_now()) + LEASE
    read, last = position
    return _execute(_ADVANCE, {"me": me, "position": read, "last": last, "until": until})


def release(me: UUID, *, finished: bool, now: datetime | None = None) -> bool:
    """Let others read; `finished` when the list was read to its end."""
    return _execute(_RELEASE, {"me": me, "finished": finished, "now": now or database_now()})


def request(actor: AbstractBaseUser, reason: str, now: datetime | None = None) -> bool:
    """Have the list read on soon, with an audit entry; False when somebody has asked already."""
    row, _created = StarSync.objects.get_or_create(id=1)
    moment = now or database_now()
    if not _execute(_REQUEST, {"now": moment}):
        return False
    change = audit.Change(row, {}, {"requested_at": moment.isoformat()})
    audit.record(REQUESTED, [change], actor=actor, reason=reason, now=moment)
    return True


def _execute(statement: str, values: dict[str, Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return bool(cursor.rowcount)
