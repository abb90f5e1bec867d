"""What happened last: money, complaints, what staff did."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from faceitbot.core.audit import label_of_action
from faceitbot.core.models import AuditEntry
from faceitbot.staff_room.steps import page_of
from subscriptions.desk.sentences import about_payment, who
from subscriptions.models import CaseKind, Payment, PaymentCase

MOST = 8


@dataclass(frozen=True)
class Event:
    """One thing that happened."""

    at: datetime
    icon: str
    text: str
    url: str


def last_events(staff: User) -> list[Event]:
    """Give the newest events of all kinds that this member of staff may see."""
    found: list[Event] = []
    if staff.has_perm("subscriptions.view_payment"):
        payments = Payment.objects.select_related("user", "order__user", "grant__user")
        payments = payments.order_by("-created_at")[:MOST]
        found += [
            Event(payment.created_at, "payments", about_payment(payment), page_of(payment))
            for payment in payments
        ]
    if staff.has_perm("subscriptions.view_paymentcase"):
        cases = PaymentCase.objects.select_related("user").order_by("-created_at")[:MOST]
        found += [Event(case.created_at, "support_agent", _complaint(case), page_of(case)) for case in cases]
    if staff.has_perm("core.view_auditentry"):
        entries = AuditEntry.objects.select_related("actor")[:MOST]
        found += [Event(entry.at, "badge", _deed(entry), page_of(entry)) for entry in entries]
    return sorted(found, key=lambda event: event.at, reverse=True)[:MOST]


def _complaint(case: PaymentCase) -> str:
    proposed = _("A refund is proposed for %(who)s: “%(text)s”")
    text = proposed if case.kind == CaseKind.PROPOSAL else _("%(who)s complains: “%(text)s”")
    return text % {"who": who(case.user), "text": case.text[:120]}


def _deed(entry: AuditEntry) -> str:
    actor = entry.actor or _("system")
    return f"{actor}: {label_of_action(entry.action)}" + (f" — {entry.reason}" if entry.reason else "")
