"""What became of money, in one sentence for staff. Pure functions of rows that have been read."""

from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faceitbot.core.display import digits, stars
from subscriptions.models import (
    CaseKind,
    Grant,
    Order,
    OrderState,
    Payment,
    PaymentCase,
    PaymentStatus,
    ReviewReason,
    StarDirection,
    StarTransaction,
    SubscriptionTier,
)
from subscriptions.payments.payloads import read_legacy
from subscriptions.rules import GrantState, GrantUse
from users.models import User


def on(moment: datetime | None) -> str:
    """Give a time in words, in the zone of the page."""
    return date_format(localtime(moment), "j E Y, H:i") if moment else _("an unknown time")


def what(tier: str, days: int) -> str:
    """Give what was sold: "Premium for 30 days"."""
    text = ngettext("%(tier)s for %(days)s day", "%(tier)s for %(days)s days", days)
    return text % {"tier": SubscriptionTier(tier).label, "days": digits(days)}


def who(user: User | None, telegram_id: int | None = None) -> str:
    """Give what staff call a person, as far as he is known."""
    known = (user.telegram_id, user.faceit_nickname) if user else (telegram_id,)
    return " · ".join(str(part) for part in known if part) or _("somebody who is not known any more")


def about_payment(payment: Payment, use: GrantUse | None = None) -> str:
    """Say what became of a payment; `use` is what became of the grant that it bought."""
    match payment.status:
        case PaymentStatus.COMPLETED:
            return _paid(payment, use)
        case PaymentStatus.NEEDS_REVIEW:
            return f"{_why_in_review(payment)} {_('Nothing was given for it: a person must decide.')}"
        case PaymentStatus.REFUND_PENDING:
            return _going_back(payment)
        case PaymentStatus.REFUNDED:
            return _gone_back(payment)
        case PaymentStatus.FAILED:
            text = _("The purchase of %(date)s failed, no money came: %(error)s")
            return text % {"date": on(payment.created_at), "error": payment.error or "—"}
        case _pending:
            text = _("%(stars)s are expected since %(date)s; no money has come yet.")
            return text % {"stars": stars(payment.amount), "date": on(payment.created_at)}


def about_order(order: Order, read_at: datetime | None, now: datetime) -> str:
    """Say what became of an order; `read_at` is when Telegram's list was read last."""
    offer = {
        "what": what(order.tier, order.days),
        "stars": stars(order.stars),
        "date": on(order.created_at),
        "buyer": who(order.user),
    }
    if order.state == OrderState.PAID:
        return _("%(what)s for %(stars)s was ordered by %(buyer)s on %(date)s, and paid.") % offer
    never = _("%(what)s for %(stars)s was ordered by %(buyer)s on %(date)s and never paid.") % offer
    return f"{never} {about_reading(read_at, order.created_at, now)}"


def about_case(case: PaymentCase) -> str:
    """Say what a buyer complained about, or what staff proposed, and how it ended."""
    is_proposal = case.kind == CaseKind.PROPOSAL
    facts = {"date": on(case.created_at), "who": who(case.user), "text": case.text[:200]}
    if case.closed_at is None and is_proposal:
        text = _("A refund for %(who)s was proposed on %(date)s, and has no answer yet: “%(text)s”")
    elif case.closed_at is None:
        text = _("%(who)s complained on %(date)s, and has no answer yet: “%(text)s”")
    elif is_proposal:
        text = _("A refund for %(who)s was proposed on %(date)s: “%(text)s” The answer: %(end)s")
    else:
        text = _("%(who)s complained on %(date)s: “%(text)s” The answer: %(end)s")
    return text % {**facts, "end": case.resolution}


def in_words(order: Order) -> str:
    """Give an order as a line of a list: whose it is, what, at which price."""
    return f"{who(order.user)}: {what(order.tier, order.days)}, {stars(order.stars)}"


def about_reading(read_at: datetime | None, since: datetime | None, now: datetime) -> str:
    """Say how much the silence of Telegram's list is worth."""
    if read_at is None:
        return _("Telegram's list of Stars was never read: whether he has paid is not known yet.")
    if since and read_at < since + timedelta(minutes=1):
        text = _("Telegram's list was last read on %(date)s, before that: reconcile to be sure.")
    elif now - read_at > timedelta(minutes=15):
        text = _("Telegram's list of %(date)s does not have it either; reconcile if he paid later.")
    else:
        text = _("Telegram's list, read on %(date)s, does not have it either.")
    return text % {"date": on(read_at)}


def about_transaction(row: StarTransaction) -> str:
    """Say what a line of Telegram's list means."""
    facts = {"stars": stars(row.amount), "date": on(row.at), "who": who(None, row.partner_telegram_id)}
    if row.direction == StarDirection.OUT:
        return _("Telegram lists %(stars)s that went to %(who)s on %(date)s.") % facts
    if row.payment_id is None and row.settled_at is None:
        text = _("Telegram lists %(stars)s from %(who)s of %(date)s, and no payment is recorded for it yet.")
    elif row.payment_id is None:
        text = _("Telegram lists %(stars)s from %(who)s of %(date)s; it is no purchase of this bot.")
    else:
        text = _("Telegram lists %(stars)s from %(who)s of %(date)s.")
    return text % facts


def about_use(use: GrantUse) -> str:
    """Say what has become of a grant."""
    match use.state:
        case GrantState.REVOKED:
            return _("It was taken away on %(date)s.") % {"date": on(use.grant.revoked_at)}
        case GrantState.USED_UP:
            return _("It was used up on %(date)s.") % {"date": on(use.ends_at)}
        case GrantState.WAITING if use.resumes_at is None:
            return _("It waits behind access that never ends.")
        case GrantState.WAITING:
            return _("It waits, and goes on from %(date)s.") % {"date": on(use.resumes_at)}
        case _burning if use.ends_at is None:
            return _("It is in use, for ever.")
        case _burning:
            return _("It is in use, until %(date)s.") % {"date": on(use.ends_at)}


def about_grant(grant: Grant) -> str:
    """Say what was given, by whom, and why."""
    length = _("for ever") if grant.duration is None else _days(grant.duration)
    text = f"{SubscriptionTier(grant.tier).label}, {length}: {grant.get_source_display()}"
    return f"{text}, {grant.reason}" if grant.reason else text


def _paid(payment: Payment, use: GrantUse | None) -> str:
    owner = payment.grant.user if hasattr(payment, "grant") else payment.user
    facts = {
        "stars": stars(payment.amount),
        "date": on(payment.completed_at),
        "what": what(payment.tier or SubscriptionTier.FREE, payment.days or 0),
        "payer": _who_paid(payment),
        "buyer": who(owner),
    }
    if _paid_by_another(payment, owner):
        text = _("%(stars)s came from %(payer)s on %(date)s, and %(buyer)s was given %(what)s.")
    elif read_legacy(payment.received_payload):
        text = _("%(stars)s came on %(date)s for an invoice of the old bot; %(buyer)s was given %(what)s.")
    else:
        text = _("%(stars)s came on %(date)s, and %(buyer)s was given %(what)s.")
    return f"{text % facts} {about_use(use)}" if use else text % facts


def _why_in_review(payment: Payment) -> str:
    order = payment.order
    facts = {
        "stars": stars(payment.received_amount),
        "amount": digits(payment.received_amount or 0),
        "currency": payment.received_currency,
        "payer": who(None, payment.payer_telegram_id),
        "buyer": who(order.user if order else payment.user),
        "date": on(payment.received_at or payment.created_at),
        "payload": payment.received_payload,
        "price": stars(order.stars) if order else "—",
        "paid": on(order.paid_at) if order else "—",
    }
    texts = {
        ReviewReason.UNKNOWN_PAYLOAD: _("%(stars)s came from %(payer)s on %(date)s for no order of ours."),
        ReviewReason.UNKNOWN_USER: _(
            "%(stars)s came on %(date)s from %(payer)s, whom the bot does not know."
        ),
        ReviewReason.OTHER_PAYER: _("%(stars)s came on %(date)s from %(payer)s for the order of %(buyer)s."),
        ReviewReason.CURRENCY: _("%(amount)s %(currency)s came from %(payer)s on %(date)s, and no Stars."),
        ReviewReason.AMOUNT: _("%(stars)s came from %(payer)s on %(date)s where the price is %(price)s."),
        ReviewReason.ALREADY_PAID: _(
            "%(stars)s came from %(payer)s on %(date)s for an order that was paid already, on %(paid)s."
        ),
        ReviewReason.UNREADABLE: _(
            "%(stars)s came from %(payer)s on %(date)s, and the notice had values that fit nowhere."
        ),
        ReviewReason.REFUND_FIRST: _("A refund was heard of, on %(date)s, before its payment was."),
    }
    return texts[ReviewReason(payment.review_reason)] % facts


def _going_back(payment: Payment) -> str:
    text = _("%(stars)s are to go back to %(payer)s, as asked on %(date)s.") % {
        "stars": stars(payment.amount or payment.received_amount),
        "payer": who(None, payment.payer_telegram_id),
        "date": on(payment.refund_requested_at),
    }
    if not payment.refund_attempts:
        return f"{text} {_('The bot has not submitted it yet.')}"
    tried = ngettext(
        "The bot has tried %(n)s time.", "The bot has tried %(n)s times.", payment.refund_attempts
    )
    text = f"{text} {tried % {'n': digits(payment.refund_attempts)}}"
    return f"{text} {_('Telegram says: %(error)s') % {'error': payment.error}}" if payment.error else text


def _gone_back(payment: Payment) -> str:
    amount = payment.amount or payment.received_amount
    if payment.completed_at is None:
        text = _("%(stars)s of %(payer)s went back on %(date)s; nothing had been given for them.")
    else:
        text = _("%(stars)s of %(payer)s went back on %(date)s, and what they had bought was taken away.")
    return text % {"stars": stars(amount), "payer": _who_paid(payment), "date": on(payment.refunded_at)}


def _who_paid(payment: Payment) -> str:
    """Give what staff call who paid: `payment.user` is whom staff chose where the payer is no user."""
    payer = payment.payer_telegram_id
    himself = payment.user if payment.user and payer in (None, payment.user.telegram_id) else None
    return who(himself, payer)


def _paid_by_another(payment: Payment, owner: User | None) -> bool:
    """Say whether it is known that who paid is not who was given access."""
    if owner is None or payment.user_id != owner.pk:
        return owner is not None
    known = None not in (owner.telegram_id, payment.payer_telegram_id)
    return known and owner.telegram_id != payment.payer_telegram_id


def _days(duration: timedelta) -> str:
    days = round(duration.total_seconds() / 86_400)
    return ngettext("%(number)s day", "%(number)s days", days) % {"number": digits(days)}
