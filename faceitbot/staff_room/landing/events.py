"""What happened last: money, complaints, what staff did."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faceitbot.core.audit import Deed, label_of_action, last_deeds
from faceitbot.core.display import digits
from faceitbot.staff_room.steps import page_of
from subscriptions.desk.sentences import about_payment, who
from subscriptions.models import CaseKind, Payment, PaymentCase
from subscriptions.payments import casework

MOST = 8
OF_MONEY = 3  # places that nothing else takes
MOMENTS = ("created_at", "completed_at", "refunded_at")  # of a payment


@dataclass(frozen=True)
class Event:
    """One thing that happened."""

    at: datetime
    icon: str
    text: str
    url: str


@dataclass(frozen=True)
class Happened:
    """The newest rows that events are told from."""

    payments: list[Payment]
    cases: list[PaymentCase]
    deeds: list[Deed]


def happened(may: Callable[[str], bool], most: int = MOST) -> Happened:
    """Read the newest rows of all kinds that somebody may see."""
    cases = PaymentCase.objects.select_related("user").order_by("-created_at")
    return Happened(
        _payments(most) if may("subscriptions.view_payment") else [],
        list(cases[:most]) if may("subscriptions.view_paymentcase") else [],
        last_deeds(most) if may("core.view_auditentry") else [],
    )


def _payments(most: int) -> list[Payment]:
    """Read all of which something happened last: what is given back today may have come long ago."""
    newest = (
        Payment.objects.filter(**{f"{moment}__isnull": False}).order_by(f"-{moment}").values("pk")[:most]
        for moment in MOMENTS  # each of them has an index
    )
    rows = Payment.objects.filter(pk__in=next(newest).union(*newest))
    return list(rows.select_related("user", "order__user", "grant__user"))


def events_of(rows: Happened, most: int = MOST) -> list[Event]:
    """Tell what happened last, newest first, in the reader's language. It asks nobody."""
    money = _newest(
        [
            Event(_moment_of(payment), "payments", about_payment(payment), page_of(payment))
            for payment in rows.payments
        ]
    )
    others = [Event(case.created_at, "support_agent", _complaint(case), page_of(case)) for case in rows.cases]
    told = {str(case.pk) for case in rows.cases}
    others += [_event(deed) for deed in rows.deeds if not told.intersection(_cases_of(deed))]
    others = _newest([*others, *money[OF_MONEY:]])
    return _newest([*money[:OF_MONEY], *others[: most - len(money[:OF_MONEY])]])


def _moment_of(payment: Payment) -> datetime:
    """Give the moment that the sentence about a payment tells of."""
    return payment.refunded_at or payment.completed_at or payment.created_at


def _newest(events: list[Event]) -> list[Event]:
    return sorted(events, key=lambda event: event.at, reverse=True)


def _complaint(case: PaymentCase) -> str:
    proposed = _("A refund is proposed for %(who)s: “%(text)s”")
    text = proposed if case.kind == CaseKind.PROPOSAL else _("%(who)s complains: “%(text)s”")
    return text % {"who": who(case.user), "text": case.text[:120]}


def _cases_of(deed: Deed) -> set[str]:
    """Give the case that a deed has opened, by itself or as a proposal."""
    match deed.newest.action:
        case casework.OPENED:
            return {deed.newest.object_id}
        case casework.PROPOSED:
            return {str(deed.newest.after.get("case"))}
    return set()


def _event(deed: Deed) -> Event:
    entry = deed.newest
    text = f"{entry.actor}: {label_of_action(entry.action)}" + (f" — {entry.reason}" if entry.reason else "")
    if deed.times == 1:
        return Event(entry.at, "badge", text, page_of(entry))
    several = {"deed": text, "n": digits(deed.times)}
    if deed.is_cut:
        text = _("%(deed)s · %(n)s times or more") % several
    else:
        text = ngettext("%(deed)s · %(n)s time", "%(deed)s · %(n)s times", deed.times) % several
    their_list = urlencode({"who": str(entry.actor_id), "what": entry.action})
    return Event(entry.at, "badge", text, f"{reverse('admin:core_auditentry_changelist')}?{their_list}")
