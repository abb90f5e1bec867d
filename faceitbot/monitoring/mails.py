"""Tells the administrators of errors: of each class at most once an hour, by whichever process is first.

Whose turn it is is kept in the database and in Redis as well, so that either may be what has failed; a store
that does not answer has no say. What this process itself has told it remembers.
"""

import smtplib
import socket
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

import structlog
from django.conf import settings
from django.core.mail import mail_admins
from django.db import DatabaseError
from django.utils import translation
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from faceitbot.core import clock
from faceitbot.core.cache.registry import server_of
from faceitbot.core.errors import FaceitBotError
from faceitbot.core.monitoring.error_rows import claim_mail
from faceitbot.core.monitoring.errors import Group
from faceitbot.core.monitoring.watching import add_reader

EVERY = timedelta(hours=1)
_KEY = "monitoring:mailed:"
log = structlog.get_logger(__name__)
_told: dict[str, datetime] = {}


def connect() -> None:
    """Tell of what is met from now on."""
    add_reader(tell)


def tell(groups: Sequence[Group], now: datetime | None = None) -> None:
    """Send one mail for each class of errors whose turn it is."""
    if not settings.ADMINS:
        return
    moment = now or clock.now()
    by_class = sorted(groups, key=lambda group: group.error_class)
    for error_class, met in groupby(by_class, key=lambda group: group.error_class):
        if _is_due(error_class, moment):
            _told[error_class] = moment
            _send(error_class, list(met))


def _is_due(error_class: str, now: datetime) -> bool:
    told = _told.get(error_class)
    if told is not None and told > now - EVERY:
        return False
    try:
        if not claim_mail(error_class, EVERY, now):
            return False
    except (FaceitBotError, DatabaseError):  # the table may not be there yet
        log.debug("mail.claimed_without_database", error_class=error_class)
    try:
        server = server_of("stats_cache")
        claimed = server.client.set(_KEY + error_class, b"1", nx=True, px=round(EVERY.total_seconds() * 1000))
    except (RedisError, OSError):
        return True
    return bool(claimed)


def _send(error_class: str, groups: Sequence[Group]) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        lines = [
            _("%(class)s in %(method)s: %(count)s times, last at %(at)s, correlation id %(id)s")
            % {
                "class": group.error_class,
                "method": group.method,
                "count": group.count,
                "at": f"{group.last_seen:%Y-%m-%d %H:%M:%S} UTC",
                "id": group.last_correlation_id or "-",
            }
            for group in groups
        ]
        where = _("Met by a process on %(host)s. The page “Errors” counts them all.") % {
            "host": socket.gethostname()
        }
        subject = _("Error: %(class)s") % {"class": error_class}
    try:
        mail_admins(subject, "\n".join([*lines, "", where]))
    except (smtplib.SMTPException, OSError) as error:
        log.warning("mail.unsent", error_class=error_class, error=type(error).__name__)
