"""The page that answers "I have paid and got nothing"."""

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import User as StaffAccount
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from faceitbot.core import clock
from faceitbot.core.display import copyable
from faceitbot.staff_room.steps import NextStep, give_access, next_steps, open_case, page_of, reconcile
from subscriptions.desk.answering import Matter, answer
from subscriptions.desk.finding import find
from subscriptions.desk.sentences import on, who
from subscriptions.models import Payment, SubscriptionTier, UserSubscription
from subscriptions.rules import Projection, as_of
from users.models import User

ICONS = {
    "payment": "payments",
    "order": "receipt_long",
    "paymentcase": "support_agent",
    "startransaction": "star",
}


@dataclass(frozen=True)
class Card:
    """One matter as the page shows it."""

    icon: str
    kind: str
    matter: Matter
    url: str
    charge: str
    steps: list[NextStep]


@dataclass(frozen=True)
class Person:
    """One user as the page shows him."""

    name: str
    url: str
    access: str
    steps: list[NextStep]


def find_view(request: HttpRequest) -> HttpResponse:
    """Say what became of whatever was pasted into the search box, and offer the next step."""
    if not cast("StaffAccount", request.user).has_perm("subscriptions.view_payment"):
        raise PermissionDenied
    term = request.GET.get("q", "")
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Find a payment"),
        "term": term,
    }
    if term.strip():
        given = answer(find(term), clock.now())
        cards = [_card(request, matter) for matter in given.matters]
        people = [_person(request, user, given.subscriptions.get(user.pk)) for user in given.users]
        context |= {
            "headline": given.sentence,
            "headline_steps": [] if cards else _first_steps(request, given.users),
            "needs_person": any(matter.needs_person for matter in given.matters),
            "cards": cards,
            "people": people,
            "read_at": given.read_at,
        }
    return TemplateResponse(request, "staff_room/find.html", context)


def _card(request: HttpRequest, matter: Matter) -> Card:
    row, meta = matter.row, matter.row._meta
    charge = row.telegram_payment_charge_id if isinstance(row, Payment) else ""
    return Card(
        ICONS[str(meta.model_name)],
        str(meta.verbose_name),
        matter,
        page_of(row),
        copyable(charge) if charge else "",
        next_steps(request, row),
    )


def _person(request: HttpRequest, user: User, row: UserSubscription | None) -> Person:
    steps = [give_access(request, row.pk)] if row else []
    return Person(who(user), page_of(user), _access(row), steps)


def _access(row: UserSubscription | None) -> str:
    if row is None:
        return str(SubscriptionTier.FREE.label)
    stored = Projection(row.tier, row.expires_at, row.next_tier, row.next_expires_at)
    now = as_of(stored, clock.now())
    tier = SubscriptionTier(now.tier).label
    if now.tier == SubscriptionTier.FREE:
        return str(tier)
    if now.expires_at is None:
        return _("%(tier)s for ever") % {"tier": tier}
    return _("%(tier)s until %(date)s") % {"tier": tier, "date": on(now.expires_at)}


def _first_steps(request: HttpRequest, users: list[User]) -> list[NextStep]:
    """Give what may help where nothing was found."""
    if len(users) > 1:
        return []
    return [reconcile(request), *(open_case(request, user) for user in users if user.telegram_id)]
