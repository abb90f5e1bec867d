"""Errors of the subscriptions' domain that callers act on."""

from faceitbot.core.errors import Conflict


class AlreadyRevoked(Conflict):
    """The grant or referral was revoked before; nothing was changed."""

    code = "already_revoked"
