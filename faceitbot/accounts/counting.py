"""Counts each password before it is checked, so that those which come at the same moment count, too.

To check one takes most of a second. If it counted only when it has turned out to be wrong, all that are sent
within that second would be checked, however many they are.
"""

from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.db import OperationalError, transaction
from django.db.models import F

from faceitbot.core.database_errors import LOCK_NOT_AVAILABLE, sqlstate
from faceitbot.core.versions import queue_up

Credentials = dict[str, Any]


class CountedFirst(AxesDatabaseHandler):
    """The handler of django-axes that counts a password as wrong until it is known to be right.

    Passwords for one name are counted one after the other; they are checked side by side, without a lock or a
    transaction, so that nobody waits for the hash of somebody else's. A right one deletes what has been
    counted, as ever.
    """

    def is_allowed(self, request: Any, credentials: Credentials | None = None) -> bool:
        """Say whether a password for this name may be checked, and count it if so."""
        try:
            with transaction.atomic():
                queue_up([f"password of {get_client_username(request, credentials)}"])
                if not super().is_allowed(request, credentials):
                    return False
                self.clean_expired_user_attempts(request, credentials)
                once_more = {"attempt_time": request.axes_attempt_time}
                AccessAttempt.objects.update_or_create(
                    **self._who(request, credentials),
                    defaults={**once_more, "failures_since_start": F("failures_since_start") + 1},
                    create_defaults={**once_more, "failures_since_start": 1},
                )
        except OperationalError as error:
            if sqlstate(error) != LOCK_NOT_AVAILABLE:
                raise
            return False  # hundreds of passwords for this name are waiting to be counted
        return True

    def user_login_failed(
        self, sender: Any, credentials: Credentials, request: Any = None, **signal: Any
    ) -> None:
        """Let axes count a wrong password in place of us, with all that it writes down about it."""
        with transaction.atomic():  # whoever counts meanwhile sees one of the two counts
            if request is not None and not request.axes_locked_out:
                counted = AccessAttempt.objects.filter(**self._who(request, credentials))
                counted.filter(failures_since_start__gt=0).update(
                    failures_since_start=F("failures_since_start") - 1
                )
            super().user_login_failed(sender, credentials, request, **signal)

    @staticmethod
    def _who(request: Any, credentials: Credentials | None) -> dict[str, Any]:
        return {
            "username": get_client_username(request, credentials),
            "ip_address": request.axes_ip_address,
            "user_agent": request.axes_user_agent,
        }
