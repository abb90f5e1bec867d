"""How far a match has come."""

from typing import NamedTuple

import structlog
from django.db import models
from django.utils.translation import gettext_lazy as _

from faceitbot.core.errors import InvalidInput
from faceitbot.core.text import remove_hostile_characters

MAX_RAW_LENGTH = 64
log = structlog.get_logger(__name__)


class MatchStatus(models.TextChoices):
    """The states of a match. Source: FACEIT Data API v4; upper case in matches, lower case in histories."""

    SCHEDULED = "scheduled", _("scheduled")
    CONFIGURING = "configuring", _("configuring")
    VOTING = "voting", _("voting")
    READY = "ready", _("ready")
    ONGOING = "ongoing", _("ongoing")
    FINISHED = "finished", _("finished")
    CANCELLED = "cancelled", _("cancelled")
    ABORTED = "aborted", _("aborted")


OVER = (MatchStatus.FINISHED, MatchStatus.CANCELLED, MatchStatus.ABORTED)
WITHOUT_WINNER = (MatchStatus.CANCELLED, MatchStatus.ABORTED)
OPEN = tuple(status for status in MatchStatus if status not in OVER)


class ReadStatus(NamedTuple):
    """A status as it is stored: `raw` is the text that stood there where we do not know it, else ""."""

    status: MatchStatus
    raw: str = ""


def read_status(text: object, field: str = "status") -> ReadStatus:
    """Read a status in any case; one that is not known counts as scheduled, is kept and logged.

    Errors: `InvalidInput` for what is no text, or an empty one.
    """
    if not isinstance(text, str):
        raise InvalidInput(f"{field} must be text, not {type(text).__name__}", field=field)
    kept = remove_hostile_characters(text).strip()[:MAX_RAW_LENGTH]
    if not kept:
        raise InvalidInput(f"{field} must not be empty", field=field)
    if kept.lower() in MatchStatus.values:
        return ReadStatus(MatchStatus(kept.lower()))
    log.warning("match.unknown_status", status=kept)
    return ReadStatus(MatchStatus.SCHEDULED, kept)
