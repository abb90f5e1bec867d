"""What waits for a person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Min, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faceitbot.core.display import digits
from subscriptions.health import LIST_IS_OLD, REFUND_WAITS
from subscriptions.models import CaseKind, Payment, PaymentCase, PaymentStatus, StarSync
from subscriptions.repositories import PaymentRepository


@dataclass(frozen=True)
class Need:
    """Something that waits: how much of it, since when, and where it is dealt with."""

    text: str
    icon: str
    url: str
    since: datetime | None = None


def needs(staff: User, now: datetime) -> list[Need]:
    """Give what waits for a person, as far as this one may see it."""
    found: list[Need | None] = []
    if staff.has_perm("subscriptions.view_payment"):
        found += [_reviews(), _refunds(now), _selling_is_off()]
    if staff.has_perm("subscriptions.view_paymentcase"):
        found += [_complaints(), _proposals()]
    if staff.has_perm("subscriptions.view_startransaction"):
        found.append(_reading(now))
    return [need for need in found if need]


def _reviews() -> Need | None:
    count, since = _waiting(Payment.objects.filter(status=PaymentStatus.NEEDS_REVIEW), "created_at")
    text = ngettext("%(n)s payment could not be matched", "%(n)s payments could not be matched", count) % {
        "n": digits(count)
    }
    url = _payments(PaymentStatus.NEEDS_REVIEW)
    return Need(text, "rule", url, since) if count else None


def _refunds(now: datetime) -> Need | None:
    rows = Payment.objects.filter(
        status=PaymentStatus.REFUND_PENDING, refund_requested_at__lt=now - REFUND_WAITS
    )
    count, since = _waiting(rows, "refund_requested_at")
    text = ngettext("%(n)s refund has not gone through", "%(n)s refunds have not gone through", count) % {
        "n": digits(count)
    }
    url = _payments(PaymentStatus.REFUND_PENDING)
    return Need(text, "undo", url, since) if count else None


def _complaints() -> Need | None:
    count, since = _waiting(_open_cases(CaseKind.COMPLAINT), "created_at")
    text = ngettext("%(n)s buyer waits for an answer", "%(n)s buyers wait for an answer", count) % {
        "n": digits(count)
    }
    return Need(text, "support_agent", _cases(CaseKind.COMPLAINT), since) if count else None


def _proposals() -> Need | None:
    count, since = _waiting(_open_cases(CaseKind.PROPOSAL), "created_at")
    text = ngettext(
        "%(n)s proposed refund waits for finance", "%(n)s proposed refunds wait for finance", count
    ) % {"n": digits(count)}
    return Need(text, "campaign", _cases(CaseKind.PROPOSAL), since) if count else None


def _open_cases(kind: CaseKind) -> QuerySet[PaymentCase]:
    return PaymentCase.objects.filter(closed_at__isnull=True, kind=kind)


def _cases(kind: CaseKind) -> str:
    url = reverse("admin:subscriptions_paymentcase_changelist")
    return f"{url}?closed_at__isempty=1&kind__exact={kind.value}"


def _reading(now: datetime) -> Need | None:
    """Tell that the bot has stopped to read Telegram's list; who never sold anything need not read it."""
    read_at = StarSync.objects.values_list("finished_at", flat=True).first()
    if (read_at and now - read_at < LIST_IS_OLD) or not Payment.objects.exists():
        return None
    text = _("The bot does not read Telegram's list of Stars: lost payments are not found")
    return Need(text, "sync_problem", reverse("admin:subscriptions_startransaction_changelist"), read_at)


def _selling_is_off() -> Need | None:
    if PaymentRepository().is_selling.blocking():
        return None
    return Need(_("Selling is switched off"), "block", reverse("admin:subscriptions_order_changelist"))


def _payments(status: str) -> str:
    return f"{reverse('admin:subscriptions_payment_changelist')}?status__exact={status}"


def _waiting(rows: QuerySet[Any], column: str) -> tuple[int, datetime | None]:
    found = rows.aggregate(count=Count("pk"), since=Min(column))
    return found["count"], found["since"]
