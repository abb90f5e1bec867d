"""Complaints about payments, and what staff propose. Runs inside a transaction."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from faceitbot.core import audit
from faceitbot.core.errors import NotFound, Refused
from faceitbot.core.text import remove_hostile_characters
from subscriptions.errors import CaseClosed, PaymentNotFound, PaymentStateError
from subscriptions.granting import database_now
from subscriptions.models import CaseKind, Payment, PaymentCase, PaymentStatus
from subscriptions.models.cases import MAX_CASE_LENGTH
from subscriptions.models.payments import MAX_CHARGE_ID_LENGTH
from users.errors import UserNotFound
from users.models import User

OPENED = audit.action("payment_case.opened", _("Case opened"))
ADDED = audit.action("payment_case.added_to", _("Case added to"))
PROPOSED = audit.action("payment.refund_proposed", _("Refund proposed"))
CLOSED = audit.action("payment_case.closed", _("Case closed"))
SHOWN_PAYMENTS = 5
REFUNDABLE = (PaymentStatus.COMPLETED, PaymentStatus.NEEDS_REVIEW)


def open_case(
    user_id: UUID,
    text: str,
    charge_id: str,
    now: datetime | None = None,
    actor: AbstractBaseUser | None = None,
    *,
    kind: CaseKind = CaseKind.COMPLAINT,
    why: str = "",
) -> PaymentCase:
    """Open a case, or add to the one of its kind that is open; give it with the user's last payments.

    What staff write is on record, with `why` or with what was said; and so is a charge id that gives way
    to another. Errors: `UserNotFound`.
    """
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id, erased_at__isnull=True).first()
    if user is None:
        raise UserNotFound("there is no such user", id=str(user_id))
    said, charge = cleaned(text), cleaned(charge_id)[:MAX_CHARGE_ID_LENGTH]
    moment = now or database_now()
    case = PaymentCase.objects.filter(user=user, kind=kind, closed_at__isnull=True).first()
    is_new, before = case is None, case.charge_id if case else ""
    if case is None:
        case = PaymentCase(user=user, kind=kind, text=_newest(said), created_at=moment)
    elif f"\n{said}\n" not in f"\n{case.text}\n":
        case.text = _newest(f"{case.text}\n{said}".strip())
    case.charge_id, case.updated_at = charge or case.charge_id, moment
    case.save()
    if actor or before not in ("", case.charge_id):
        reason = (why or said)[: audit.MAX_REASON_LENGTH] if actor else ""
        change = _change(case, before, is_new=is_new)
        audit.record(OPENED if is_new else ADDED, [change], actor=actor, reason=reason, now=moment)
    return with_payments([case])[0]


def propose_refund(payment_id: UUID, actor: AbstractBaseUser, reason: str) -> PaymentCase:
    """Open a case of the buyer in which somebody who may not give money back asks for it.

    Errors: `PaymentNotFound`, `PaymentStateError`; `Refused` with the reason buyer_unknown.
    """
    payment = Payment.objects.select_related("order").filter(pk=payment_id).first()
    if payment is None:
        raise PaymentNotFound("there is no such payment", id=str(payment_id))
    if payment.status not in REFUNDABLE:
        raise PaymentStateError("the money of this payment cannot go back now", status=payment.status)
    buyer = payment.user_id or (payment.order.user_id if payment.order else None) or _payer(payment)
    if buyer is None:
        raise Refused("nobody here is known as the buyer", reason="buyer_unknown")
    text = gettext("%(who)s proposes a refund: %(why)s") % {"who": actor.get_username(), "why": reason}
    charge = payment.telegram_payment_charge_id or ""
    case = open_case(buyer, text, charge, actor=actor, kind=CaseKind.PROPOSAL, why=reason)
    audit.record(PROPOSED, [audit.Change(payment, {}, {"case": str(case.pk)})], actor=actor, reason=reason)
    return case


def _change(case: PaymentCase, before: str, *, is_new: bool) -> audit.Change:
    """Give what became of a case. The log has no place for what somebody has typed that is no charge."""
    named = [each for each in (before, case.charge_id) if each]
    charges = Payment.objects.filter(telegram_payment_charge_id__in=named)
    known = {"", *charges.values_list("telegram_payment_charge_id", flat=True)}
    was = {"charge_id": before if before in known else audit.NOT_KEPT}
    now = {"charge_id": case.charge_id if case.charge_id in known else audit.WRITTEN}
    if is_new:
        return audit.Change(case, {}, {"kind": case.kind, **now})
    return audit.Change(case, was, now) if before != case.charge_id else audit.Change(case, {}, {})


def _payer(payment: Payment) -> UUID | None:
    payer = User.objects.filter(telegram_id=payment.payer_telegram_id, erased_at__isnull=True)
    return payer.values_list("pk", flat=True).first()


def close_case(
    case_id: UUID, actor: AbstractBaseUser, reason: str, now: datetime | None = None
) -> PaymentCase:
    """Close a case, saying how it ended. Errors: `NotFound`, `CaseClosed`."""
    case = PaymentCase.objects.select_for_update(no_key=True).filter(pk=case_id).first()
    if case is None:
        raise NotFound("there is no such payment case", id=str(case_id))
    if case.closed_at is not None:
        raise CaseClosed("the case has been closed before", id=str(case_id))
    case.closed_at, case.closed_by_id, case.resolution = now or database_now(), actor.pk, reason
    case.save(update_fields=["closed_at", "closed_by", "resolution"])
    change = audit.Change(case, {}, {"closed_at": case.closed_at.isoformat()})
    audit.record(CLOSED, [change], actor=actor, reason=reason, now=case.closed_at)
    return case


def with_payments(cases: Sequence[PaymentCase]) -> list[PaymentCase]:
    """Give the cases with the last payments of their users as `last_payments`, in one query."""
    place = Window(RowNumber(), partition_by=F("user_id"), order_by=[F("created_at").desc(), F("pk").asc()])
    latest = Payment.objects.filter(user_id__in=[case.user_id for case in cases]).annotate(place=place)
    found: dict[UUID, list[Payment]] = defaultdict(list)
    for payment in latest.filter(place__lte=SHOWN_PAYMENTS).order_by("-created_at", "pk"):
        if payment.user_id:
            found[payment.user_id].append(payment)
    for case in cases:
        case.last_payments = found[case.user_id]
    return list(cases)


def _newest(text: str) -> str:
    """Give as much of what somebody wrote as there is room for, the last words before the first."""
    return text if len(text) <= MAX_CASE_LENGTH else f"…{text[1 - MAX_CASE_LENGTH :]}"


def cleaned(text: str) -> str:
    """Give what a person wrote without characters that cannot be stored; his lines stay lines."""
    return "\n".join(remove_hostile_characters(line) for line in text.splitlines()).strip()
