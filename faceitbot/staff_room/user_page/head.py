"""The facts at the top of a user's page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from unfold.utils import display_for_label

from faceitbot.core.display import EMPTY, copyable, digits, moment, stars
from faceitbot.core.readable import label_of, value_of
from faceitbot.staff_room.steps import page_of
from subscriptions.desk.belonging import paid_by, payments_of
from subscriptions.desk.sentences import on, who
from subscriptions.models import Payment, PaymentCase, PaymentStatus, SubscriptionTier, UserSubscription
from subscriptions.models.plans import UNLIMITED
from subscriptions.repositories import SubscriptionRepository
from subscriptions.rules import NO_ACCESS, Projection, as_of
from users.admin import STATE_COLOURS, state_of
from users.models import User

PROFILE = "https://www.faceit.com/en/players/"
SETTINGS = ("language", "notifications_enabled", "waiting_for_nickname")
Facts = list[tuple[str, Any]]


@dataclass(frozen=True)
class Head:
    """Lists of facts, and what the page says in its largest letters."""

    tier: str
    until: str
    who: Facts
    access: Facts
    money: Facts
    settings: Facts
    open_case: str


def head(user: User, row: UserSubscription | None, now: datetime) -> Head:
    """Give the facts about a user. Five short queries."""
    stored = Projection(row.tier, row.expires_at, row.next_tier, row.next_expires_at) if row else NO_ACCESS
    current = as_of(stored, now)
    case = PaymentCase.objects.filter(user=user, closed_at__isnull=True).first()
    return Head(
        tier=current.tier,
        until=_until(current),
        who=_who(user),
        access=_access(user, row, current),
        money=_money(user, row),
        settings=_settings(user),
        open_case=page_of(case) if case else "",
    )


def _until(current: Projection) -> str:
    tier = SubscriptionTier(current.tier).label
    if current.tier == SubscriptionTier.FREE:
        return str(tier)
    if current.expires_at is None:
        return _("%(tier)s for ever") % {"tier": tier}
    text = _("%(tier)s until %(date)s") % {"tier": tier, "date": on(current.expires_at)}
    if not current.next_tier:
        return text
    following = SubscriptionTier(current.next_tier).label
    if current.next_expires_at is None:
        return _("%(now)s, then %(tier)s for ever") % {"now": text, "tier": following}
    then = {"now": text, "tier": following, "date": on(current.next_expires_at)}
    return _("%(now)s, then %(tier)s until %(date)s") % then


def _who(user: User) -> Facts:
    link = '<a class="text-link" href="{}" rel="noreferrer noopener" target="_blank">{}</a>'
    telegram: Any = EMPTY
    if user.telegram_id:
        chat = format_html(link, f"tg://user?id={user.telegram_id}", _("open chat"))
        telegram = format_html("{} {}", copyable(user.telegram_id), chat)
    nickname: Any = EMPTY
    if user.faceit_nickname:
        nickname = format_html(link, PROFILE + quote(user.faceit_nickname, safe=""), user.faceit_nickname)
    return [
        (_("Telegram id"), telegram),
        (_("FACEIT"), nickname),
        (_("FACEIT id"), copyable(user.faceit_player_id)),
        (_("Our id"), copyable(user.pk)),
        (_("Registered"), moment(user.created_at)),
        (_("Last seen"), moment(user.last_active_at)),
    ]


def _access(user: User, row: UserSubscription | None, current: Projection) -> Facts:
    if user.erased_at:
        return [(_("Erased"), moment(user.erased_at))]
    limits = SubscriptionRepository().can_make_request.blocking(user.pk).limits
    used = digits(limits["daily_requests"])
    if limits["daily_limit"] != UNLIMITED:
        used = _("%(used)s of %(limit)s") % {"used": used, "limit": digits(limits["daily_limit"])}
    facts: Facts = [
        (_("State"), display_for_label(state_of(user), EMPTY, STATE_COLOURS)),
        (_("Requests today"), used),
        (_("Counted anew"), f"{localtime(limits['resets_at']):%H:%M}"),
        (_("Requests in all"), digits(user.total_requests)),
    ]
    if row and row.auto_renew:
        facts.append((_("Renews itself"), _("yes")))
    if row and row.renewal_failed_at:
        facts.append((_("Renewal failed"), moment(row.renewal_failed_at)))
    if user.bot_blocked_at:
        facts.append((_("Stopped the bot"), moment(user.bot_blocked_at)))
    if user.blocked_at:
        facts.append((_("Blocked"), moment(user.blocked_at)))
    return facts


def _money(user: User, row: UserSubscription | None) -> Facts:
    back = Q(status=PaymentStatus.REFUNDED)
    himself = paid_by(user)
    paid = Payment.objects.filter(payments_of([user.pk]), completed_at__isnull=False).aggregate(
        kept=Sum("amount", filter=himself & ~back),
        back=Sum("amount", filter=himself & back),
        count=Count("pk", filter=himself),
        others=Sum("amount", filter=Q(grant__user=user) & ~himself & ~back),
    )
    payments = f"{reverse('admin:subscriptions_payment_changelist')}?q={user.telegram_id or user.pk}"
    count = format_html('<a class="text-link" href="{}">{}</a>', payments, digits(paid["count"]))
    facts: Facts = [
        (_("Paid"), stars(paid["kept"] or 0)),
        (_("Payments"), count),
        (_("Went back"), stars(paid["back"]) if paid["back"] else EMPTY),
        *([(_("Others paid for him"), stars(paid["others"]))] if paid["others"] else []),
        (_("Invited"), digits(row.referrals_count) if row else "0"),
        (_("Invited by"), _invited_by(row)),
        (_("Referral code"), copyable(row.referral_code if row else None)),
    ]
    return facts


def _settings(user: User) -> Facts:
    stored = [(label_of(User, name), value_of(User, name, getattr(user, name))) for name in SETTINGS]
    return [
        *stored,
        (label_of(User, "last_checked_match_id"), copyable(user.last_checked_match_id)),
        (label_of(User, "updated_at"), moment(user.updated_at)),
    ]


def _invited_by(row: UserSubscription | None) -> Any:
    if row is None or row.referred_by is None:
        return EMPTY
    link = '<a class="text-link" href="{}">{}</a>'
    return format_html(link, page_of(row.referred_by), who(row.referred_by))
