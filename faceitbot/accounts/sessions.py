"""How long staff stay signed in, and what ends it before."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout, user_logged_in
from django.contrib.auth.models import User as Account
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db.models.signals import m2m_changed, pre_save
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from faceitbot.core import clock

# Seconds since 1970 in the session: when the password was given, and when a page was last asked for.
BEGUN, SEEN = "staff_begun", "staff_seen"
WRITTEN_EVERY = timedelta(minutes=1)
ROLE_FIELDS = ("is_active", "is_staff", "is_superuser")


class SessionLimits(MiddlewareMixin):
    """Ends a session that has lasted its hours, and one whose owner has gone away."""

    def process_request(self, request: HttpRequest) -> None:
        """Sign out whom it is time to; who is not signed in costs nothing."""
        session = request.session
        if SESSION_KEY not in session:
            return
        now = clock.now()
        if is_over(session, now):
            logout(request)
            messages.info(request, _("You were signed out, as it was time. Please sign in again."))
        elif now.timestamp() - session.get(SEEN, 0) > WRITTEN_EVERY.total_seconds():
            session[SEEN] = now.timestamp()


def is_over(session: SessionBase, now: datetime) -> bool:
    """Say whether a session has lasted its hours, or its owner has asked for no page for too long."""
    begun, seen = session.get(BEGUN, 0), session.get(SEEN, 0)
    lasted = now.timestamp() - begun > timedelta(hours=settings.STAFF_SESSION_HOURS).total_seconds()
    idle = now.timestamp() - seen > timedelta(minutes=settings.STAFF_IDLE_MINUTES).total_seconds()
    return bool(lasted or idle)


def end_sessions(account_id: int, but: str | None = None) -> int:
    """Sign an account out everywhere, but for one session if wanted; give how many sessions ended."""
    ended = [key for key in _keys_of(account_id) if key != but]
    Session.objects.filter(session_key__in=ended).delete()
    return len(ended)


def count_sessions(account_id: int) -> int:
    """Give in how many browsers an account is signed in."""
    return len(_keys_of(account_id))


def connect() -> None:
    """Count from the password on, and let a change of somebody's role end his sessions.

    A new password ends them anyway, for they hold a hash of the old one.
    """
    user_logged_in.connect(_begin, dispatch_uid="staff_session_begins")
    pre_save.connect(_flags_change, sender=Account, dispatch_uid="staff_flags_change")
    for table in (Account.groups.through, Account.user_permissions.through):
        m2m_changed.connect(_role_changes, sender=table, dispatch_uid=f"staff_role_changes {table.__name__}")


def _begin(request: HttpRequest, **_signal: Any) -> None:
    request.session[BEGUN] = request.session[SEEN] = clock.now().timestamp()


def _flags_change(instance: Account, update_fields: Any, **_signal: Any) -> None:
    if update_fields is not None and not {*ROLE_FIELDS} & {*update_fields}:
        return
    stored = Account.objects.filter(pk=instance.pk).values(*ROLE_FIELDS).first()
    if stored and stored != {name: getattr(instance, name) for name in ROLE_FIELDS}:
        end_sessions(instance.pk)


def _role_changes(instance: Any, action: str, reverse: bool, pk_set: Any, **_signal: Any) -> None:
    if action not in ("post_add", "post_remove", "pre_clear"):
        return
    if not reverse:
        members = [instance.pk]
    elif action == "pre_clear":
        members = list(instance.user_set.values_list("pk", flat=True))
    else:
        members = list(pk_set)
    for account_id in members if pk_set is None or pk_set else ():
        end_sessions(account_id)


def _keys_of(account_id: int) -> list[str]:
    """Look into every session, of which there are a few for each member of staff."""
    living = Session.objects.filter(expire_date__gt=clock.now()).iterator()
    return [each.session_key for each in living if each.get_decoded().get(SESSION_KEY) == str(account_id)]
