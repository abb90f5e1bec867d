"""What happens to access and money when a person is erased. Runs inside the transaction that erases him."""

from collections import Counter
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import translation

from faceitbot.core import personal
from faceitbot.core.errors import Refused
from faceitbot.core.personal import ERASED, Person
from subscriptions.granting import locked_subscription
from subscriptions.models import Payment, PaymentStatus
from subscriptions.payments.locks import lock_payments
from subscriptions.payments.states import move
from subscriptions.personal import CASES, PAYMENTS, TABLES

# Telegram keeps an update for a day: money for an invoice that ended before that is never heard of any more.
LATEST_NOTICE = timedelta(days=1)
_UNDER_WAY = (PaymentStatus.PENDING, PaymentStatus.NEEDS_REVIEW, PaymentStatus.REFUND_PENDING)
_NAMED = 20


def erase(person: Person, now: datetime) -> Counter[str]:
    """Erase a person in the tables of this app; give how many rows of each that changed.

    Errors: `Refused` with the reason money_under_way while a payment is expected, in review or awaits a
    refund: it names them.
    """
    if person.user_id:
        locked_subscription(person.user_id)
    _give_up_unpaid(person, now)
    _refuse_while_money_is_under_way(person)
    CASES.rows(person).filter(closed_at__isnull=True).update(closed_at=now, resolution=ERASED)
    return personal.erase(TABLES, person)


def _give_up_unpaid(person: Person, now: datetime) -> None:
    """Let payments fail that were expected for an offer which nobody can have paid."""
    unpaid = PAYMENTS.rows(person).filter(
        status=PaymentStatus.PENDING, order__expires_at__lte=now - LATEST_NOTICE
    )
    for payment in lock_payments(unpaid.values_list("pk", flat=True)):
        move(payment, PaymentStatus.FAILED)
        payment.save(update_fields=["status"])


def _refuse_while_money_is_under_way(person: Person) -> None:
    his = Q(pk__in=PAYMENTS.rows(person).values("pk"))
    if person.user_id:
        his |= Q(order__user_id=person.user_id)  # somebody else may have paid for it
    rows = Payment.objects.filter(his, status__in=_UNDER_WAY).order_by("created_at", "pk")
    with translation.override(None):  # as the rest of an error's message, in English
        found = [f"payment {payment.pk} is {payment.get_status_display()}" for payment in rows[: _NAMED + 1]]
    if found:
        named = ", ".join(found[:_NAMED]) + (", and more" if len(found) > _NAMED else "")
        raise Refused(f"money is under way: {named}", reason="money_under_way")
