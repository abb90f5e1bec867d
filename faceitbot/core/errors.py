"""Errors that leave a repository.

FaceitBotError                 code, context, retryable
├── NotFound                   the row that the caller insists on is not there
├── Conflict                   somebody else has it, or the state does not allow it
├── Refused                    a rule says no
├── InvalidInput (ValueError)  the caller passed something that can never work
│   └── UnknownField           a field, operator or relation that this repository does not offer
└── Unavailable                nothing was done; try again later
    └── DatabaseUnavailable    PostgreSQL is away, too slow, or out of room
        └── OutcomeUnknown     the connection broke during COMMIT: done or not done, nobody knows

An app adds a subclass where its callers act differently on it (`users.errors.FaceitAccountTaken`).
Absence is `None`, never an error; a bug is not caught.
"""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class FaceitBotError(Exception):
    """Base of every error that the repositories raise on purpose.

    `code` is stable and made for programs, `context` holds ids and field names (never prose or
    personal data), `retryable` says whether the same call may succeed later. `for_staff` is what they are
    told where the message is in English alone (`faceitbot.core.refusals`).
    """

    code: str = "error"
    retryable: ClassVar[bool] = False
    for_staff: ClassVar[Promise] = _("This cannot be done.")

    def __init__(self, message: str, **context: Any) -> None:
        super().__init__(message)
        self.message = message
        self.context = context


class NotFound(FaceitBotError):
    """A `require_*` method found no row."""

    code = "not_found"
    for_staff = _("What this is about is not there any more.")


class Conflict(FaceitBotError):
    """The write clashes with what is stored; `context["field"]` names the field where there is one."""

    code = "conflict"
    for_staff = _("This does not go together with what is stored. Open the page again.")


class Refused(FaceitBotError):
    """A rule of the domain says no; `context["reason"]` names the rule."""

    code = "refused"
    for_staff = _("A rule does not allow this.")


class InvalidInput(FaceitBotError, ValueError):
    """The argument can never be right; `context["field"]` names it."""

    code = "invalid_input"
    for_staff = _("A value cannot be used. Check what was entered.")


class UnknownField(InvalidInput):
    """A field, filter operator or relation that the repository does not offer."""

    code = "unknown_field"


class Unavailable(FaceitBotError):
    """Nothing was done, because something that the call needs did not answer in time."""

    code = "unavailable"
    retryable = True
    for_staff = _("Too much is going on: nothing was done. Try again in a minute.")


class DatabaseUnavailable(Unavailable):
    """PostgreSQL did not answer, cut the call off, or has no room left."""

    code = "database_unavailable"
    for_staff = _("The database does not answer: nothing was done. Try again in a minute.")


class OutcomeUnknown(DatabaseUnavailable):
    """The connection was lost during COMMIT; repeat only what is idempotent."""

    code = "outcome_unknown"
    for_staff = _("Whether it was done is not known: the connection was lost. Open the page again and look.")
