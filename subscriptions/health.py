"""Whether money and notices flow: what waits for a person, for Telegram, or for the bot, and for how long."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.urls import reverse_lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from faceitbot.core import clock
from faceitbot.core.display import digits
from faceitbot.core.health import registry
from faceitbot.core.health.checks import Check, Finding, Needs, State, Text, spoken
from faceitbot.core.health.database import reading
from subscriptions.models import Notice, Payment, PaymentStatus, StarSync

REFUND_WAITS = timedelta(minutes=15)
LIST_IS_OLD = timedelta(hours=1)
REVIEW_WAITS = timedelta(hours=1)
NOTICE_WAITS = timedelta(minutes=15)
FAR_TOO_LONG = timedelta(hours=24)


def _state(since: datetime | None, patience: timedelta) -> State:
    """Say how bad it is that something waits since then."""
    waited = clock.now() - since if since else timedelta()
    if waited <= patience:
        return State.FINE
    return State.DOWN if waited > FAR_TOO_LONG else State.DEGRADED


def _waiting(
    name: str, rows: QuerySet[Any], since: str, patience: timedelta, say: Callable[[int], str]
) -> Finding:
    """Say how many rows wait; `since` is the column of when each began to."""
    found = reading(name, lambda: rows.aggregate(count=Count("pk"), since=Min(since)))
    return Finding(_state(found["since"], patience), spoken(lambda: say(found["count"])), found["since"])


def _reviews() -> Finding:
    def say(count: int) -> str:
        if not count:
            return _("All payments are matched.")
        text = ngettext("%(n)s payment could not be matched.", "%(n)s payments could not be matched.", count)
        return text % {"n": digits(count)}

    rows = Payment.objects.filter(status=PaymentStatus.NEEDS_REVIEW)
    return _waiting("reviews", rows, "created_at", REVIEW_WAITS, say)


def _refunds() -> Finding:
    def say(count: int) -> str:
        if not count:
            return _("No refund waits.")
        text = ngettext("%(n)s refund waits for Telegram.", "%(n)s refunds wait for Telegram.", count)
        return text % {"n": digits(count)}

    rows = Payment.objects.filter(status=PaymentStatus.REFUND_PENDING)
    return _waiting("refunds", rows, "refund_requested_at", REFUND_WAITS, say)


def _reconciliation() -> Finding:
    """Look whether the bot reads Telegram's list; who never sold anything need not read it."""
    read_at, sold = reading(
        "reconciliation",
        lambda: (
            StarSync.objects.values_list("finished_at", flat=True).first(),
            Payment.objects.exists(),
        ),
    )
    if read_at is None and not sold:
        return Finding(State.FINE, spoken(lambda: _("Nothing has been sold yet.")))
    if read_at is None:
        return Finding(State.DEGRADED, spoken(lambda: _("Telegram's list of Stars has never been read.")))
    minutes = round((clock.now() - read_at) / timedelta(minutes=1))
    text = spoken(
        lambda: (
            ngettext(
                "Telegram's list of Stars was read %(n)s minute ago.",
                "Telegram's list of Stars was read %(n)s minutes ago.",
                minutes,
            )
            % {"n": digits(minutes)}
        )
    )
    return Finding(_state(read_at, LIST_IS_OLD) if sold else State.FINE, text, read_at)


def _notices() -> Finding:
    def say(count: int) -> str:
        if not count:
            return _("All notices are on their way.")
        text = ngettext(
            "The bot has not yet taken %(n)s notice.", "The bot has not yet taken %(n)s notices.", count
        )
        return text % {"n": digits(count)}

    rows = Notice.objects.filter(
        sent_at__isnull=True,
        given_up_at__isnull=True,
        attempts=0,
        user__bot_blocked_at__isnull=True,
        user__telegram_id__isnull=False,
    )
    return _waiting("notices", rows, "created_at", NOTICE_WAITS, say)


def _list_of_payments(status: str) -> Text:
    return format_lazy("{}?status__exact={}", reverse_lazy("admin:subscriptions_payment_changelist"), status)


CHECKS = (
    Check(
        "reviews",
        gettext_lazy("Reviews"),
        _reviews,
        gettext_lazy("All other sales. These buyers have paid and wait."),
        _list_of_payments(PaymentStatus.NEEDS_REVIEW),
        Needs.DATABASE,
    ),
    Check(
        "refunds",
        gettext_lazy("Refunds"),
        _refunds,
        gettext_lazy("Sales. Access that is given back has ended already; the Stars follow."),
        _list_of_payments(PaymentStatus.REFUND_PENDING),
        Needs.DATABASE,
    ),
    Check(
        "reconciliation",
        gettext_lazy("Reconciliation"),
        _reconciliation,
        gettext_lazy("Sales. A payment whose update is lost is not found until the list is read again."),
        "systemctl status faceitbot-bot",
        Needs.DATABASE,
    ),
    Check(
        "notices",
        gettext_lazy("Notices"),
        _notices,
        gettext_lazy("Everything but what the bot says by itself; the notices wait."),
        "systemctl status faceitbot-bot",
        Needs.DATABASE,
    ),
)


def register() -> None:
    """Add them to the list."""
    registry.register(*CHECKS)
