"""Errors of the subscriptions' domain that callers act on."""

from django.utils.translation import gettext_lazy as _

from faceitbot.core.errors import Conflict, NotFound


class AlreadyRevoked(Conflict):
    """The grant or referral was revoked before; nothing was changed."""

    code = "already_revoked"


class PaymentStateError(Conflict):
    """The payment's state does not allow it; nothing of it was changed. `context["status"]` is the state."""

    code = "payment_state"
    for_staff = _("The payment's state does not allow this. Open the page again.")


class PaymentNotFound(NotFound):
    """There is no such payment."""

    code = "payment_not_found"


class CaseClosed(Conflict):
    """The case was closed before; nothing was changed."""

    code = "case_closed"
