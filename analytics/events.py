"""The events that the apps report, and what staff call them.

Whatever else is recorded by `record_metric` has no words of its own, and is shown by its name.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analytics.models.metrics import FAILED_REQUEST
from analytics.recording import LOST

EVENTS: dict[str, Promise] = {
    "user.created": _("Users registered"),
    "user.blocked": _("Users blocked"),
    "user.unblocked": _("Users unblocked"),
    "faceit_account.linked": _("FACEIT account linked"),
    "match.analysed": _("Match analysed"),
    "player_matches.recorded": _("Matches of players recorded"),
    "subscription.upgraded": _("Subscription upgraded"),
    "referral.applied": _("Referral code used"),
    "order.created": _("Order made"),
    "payment.completed": _("Stars paid"),
    "payment.refunded": _("Stars given back"),
    "payment.needs_review": _("Payment put in review"),
    FAILED_REQUEST: _("Request failed"),
    LOST: _("Events lost"),
}


def words_for(name: str) -> str:
    """Give what staff call an event; its name where there are no words."""
    return str(EVENTS.get(name, name))
