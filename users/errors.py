"""Errors of the users' domain that callers act on."""

from faceitbot.core.errors import Conflict


class FaceitAccountTaken(Conflict):
    """The FACEIT account belongs to another user; the bot asks for another nickname."""

    code = "faceit_account_taken"
