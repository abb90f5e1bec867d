"""Errors of the users' domain that callers act on."""

from django.utils.translation import gettext_noop

from faceitbot.core.database_errors import name_conflict
from faceitbot.core.errors import Conflict, NotFound

ACCOUNT_TAKEN = gettext_noop("another user has linked this FACEIT account")


@name_conflict("users_faceit_player_id_unique", ACCOUNT_TAKEN)
class FaceitAccountTaken(Conflict):
    """The FACEIT account belongs to another user; the bot asks for another nickname."""

    code = "faceit_account_taken"


class UserNotFound(NotFound):
    """A call that cannot do without its user has not found him."""

    code = "user_not_found"
