"""All that happened with a user as one story, newest first.

Each kind of event has one source, a function of the user; a new kind is one more of them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db.models import Case, Exists, F, Model, OuterRef, Q, QuerySet, When
from django.db.models.functions import Greatest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from faceitbot.core.audit import label_of_action
from faceitbot.core.display import digits, why
from faceitbot.core.models import AuditEntry
from faceitbot.core.readable import ReadableChange, changes_of
from faceitbot.staff_room.steps import page_of
from matches.models import MatchAnalysis
from subscriptions.desk.belonging import payments_of
from subscriptions.desk.sentences import about_grant, about_payment, what, who
from subscriptions.models import (
    CaseKind,
    Grant,
    GrantSource,
    Order,
    OrderState,
    Payment,
    PaymentCase,
    Referral,
    UserSubscription,
)
from users.models import User
from users.notes import NOTED
from users.repositories import UserRepository

MOST = 100
MOST_OWNED = 1_000  # of each kind, whose entries in the audit log are looked for
END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)
M = TypeVar("M", bound=Model)
ENTRIES_OF_A_DEED = 2  # at most, about one user


@dataclass(frozen=True)
class Event:
    """One thing that happened."""

    at: datetime
    kind: str
    icon: str
    text: str
    url: str = ""
    changes: Sequence[ReadableChange] = ()


@dataclass(frozen=True)
class Kind:
    """One sort of events, and where they come from."""

    name: str
    title: Promise
    source: Callable[[User, datetime], Iterable[Event]]


@dataclass(frozen=True)
class Chapter:
    """A page of the story; the older events are those before `older`, None where it begins."""

    events: list[Event]
    older: datetime | None


def story(user: User, kind: str = "", before: datetime | None = None) -> Chapter:
    """Give the newest events before a moment, of one kind or of all.

    Events of one moment stay together; more than a page of them would be cut.
    """
    end = before or END_OF_TIME
    sources = [each for each in KINDS if kind in ("", each.name)]
    found = [event for each in sources for event in each.source(user, end) if event.at < end]
    found.sort(key=lambda event: event.at, reverse=True)
    events = found[:MOST]
    if len(found) <= MOST:
        return Chapter(events, None)
    next_at = found[MOST].at
    events = [event for event in events if event.at != next_at] or events
    return Chapter(events, events[-1].at)


def _newest(rows: QuerySet[M], before: datetime, *columns: str) -> list[M]:
    """Give the rows with the newest events before a moment; each column that is not NULL is one.

    One more than a page has, so that somebody sees that there are older ones.
    """
    told = [Case(When(**{f"{column}__lt": before}, then=F(column))) for column in columns]
    newest = Greatest(*told) if len(told) > 1 else told[0]
    found = rows.alias(newest=newest).filter(newest__isnull=False).order_by(F("newest").desc(), "pk")
    return list(found[: MOST + 1])


def _payments(user: User, before: datetime) -> Iterator[Event]:
    orders = Order.objects.filter(user=user)
    payments = Payment.objects.filter(payments_of([user.pk]))
    payments = payments.select_related("user", "order__user", "grant__user")
    for payment in _newest(payments, before, "created_at", "refunded_at"):
        yield Event(payment.created_at, "payments", "payments", about_payment(payment), page_of(payment))
        if payment.refunded_at:
            yield Event(payment.refunded_at, "payments", "undo", _("The money went back."), page_of(payment))
    unpaid = orders.filter(~Exists(Payment.objects.filter(order=OuterRef("pk"))), state=OrderState.OPEN)
    for order in _newest(unpaid, before, "created_at"):
        text = _("Ordered %(what)s, and has not paid.") % {"what": what(order.tier, order.days)}
        yield Event(order.created_at, "payments", "receipt_long", text, page_of(order))
    for case in _newest(PaymentCase.objects.filter(user=user), before, "created_at"):
        proposed = case.kind == CaseKind.PROPOSAL
        text = _("A refund was proposed: “%(text)s”") if proposed else _("Complained: “%(text)s”")
        text = text % {"text": case.text[:300]}
        yield Event(case.created_at, "payments", "support_agent", text, page_of(case))


def _grants(user: User, before: datetime) -> Iterator[Event]:
    told_here = ~Q(source=GrantSource.PAYMENT)
    grants = Grant.objects.filter(user=user).alias(given_at=Case(When(told_here, then="created_at")))
    for grant in _newest(grants, before, "given_at", "revoked_at"):
        if grant.source != GrantSource.PAYMENT:  # its payment tells
            yield Event(grant.created_at, "grants", "redeem", about_grant(grant), page_of(grant))
        if grant.revoked_at:
            text = _("Taken away: %(grant)s. %(reason)s") % {
                "grant": about_grant(grant),
                "reason": why(grant.revoke_reason, grant.revoked_by_id),
            }
            yield Event(grant.revoked_at, "grants", "remove_circle", text, page_of(grant))


def _referrals(user: User, before: datetime) -> Iterator[Event]:
    rows = Referral.objects.filter(Q(referrer=user) | Q(referee=user)).select_related("referrer", "referee")
    for row in _newest(rows, before, "created_at", "voided_at"):
        if row.referee_id == user.pk:
            text = _("Came by the code of %(who)s.") % {"who": who(row.referrer)}
        else:
            text = _("Brought %(who)s.") % {"who": who(row.referee)}
        yield Event(row.created_at, "referrals", "group_add", text, page_of(row))
        if row.voided_at:
            text = _("The referral was voided: %(reason)s") % {"reason": row.void_reason}
            yield Event(row.voided_at, "referrals", "group_remove", text, page_of(row))


def _analyses(user: User, before: datetime) -> Iterator[Event]:
    told = MatchAnalysis.objects.filter(user=user).only(
        "match_id", "map_name", "competition_name", "status", "revision", "analysed_at"
    )
    for row in _newest(told, before, "analysed_at"):
        match = " · ".join(part for part in (row.map_name, row.competition_name) if part) or row.match_id
        text = ngettext(
            "Had a match analysed: %(match)s.",
            "Had a match analysed, %(times)s times by then: %(match)s.",
            row.revision,
        ) % {"match": match, "times": digits(row.revision)}
        yield Event(row.analysed_at, "analyses", "sports_esports", text, page_of(row))


def _staff(user: User, before: datetime) -> Iterator[Event]:
    """Give what staff did to him, and to what is his."""
    objects = Q(object_label=User._meta.label_lower, object_id=str(user.pk))
    for owned in _owned(user):
        keys = [str(key) for key in owned.values_list("pk", flat=True)[:MOST_OWNED]]
        objects |= Q(object_label=owned.model._meta.label_lower, object_id__in=keys)
    entries = AuditEntry.objects.filter(objects, actor__isnull=False, at__lt=before).select_related("actor")
    entries = entries.exclude(action=NOTED)  # the note itself tells
    for deed in _deeds(entries.order_by("-at", "-id")[: (MOST + 1) * ENTRIES_OF_A_DEED]):
        entry = deed[0]
        text = f"{entry.actor}: {label_of_action(entry.action)}" + (
            f" — {entry.reason}" if entry.reason else ""
        )
        yield Event(entry.at, "staff", "badge", text, page_of(entry), _changes(deed))


def _deeds(entries: Iterable[AuditEntry]) -> Iterable[list[AuditEntry]]:
    """Give the entries of each deed: access that is given is written on the grant and on the subscription."""
    deeds: dict[tuple[Any, ...], list[AuditEntry]] = {}
    for entry in entries:
        deeds.setdefault((entry.at, entry.action, entry.actor_id), []).append(entry)
    return deeds.values()


def _changes(deed: Sequence[AuditEntry]) -> list[ReadableChange]:
    """Give what a deed has changed: of two entries that name a column alike, what the subscription says."""
    found: dict[str, ReadableChange] = {}
    for entry in reversed(deed):
        for change in changes_of(entry):
            found.setdefault(change.label, change)
    return list(found.values())


def _owned(user: User) -> list[Any]:
    models = (Grant, PaymentCase, UserSubscription)
    owned = [model.objects.filter(user=user).order_by("-created_at") for model in models]
    return [Payment.objects.filter(payments_of([user.pk])).order_by("-created_at"), *owned]


def _notes(user: User, before: datetime) -> Iterator[Event]:
    for note in UserRepository().get_notes.blocking(user.pk, MOST + 1, before=before):
        yield Event(note.created_at, "notes", "sticky_note_2", f"{note.author}: {note.text}")


def _life(user: User, _before: datetime) -> Iterator[Event]:
    yield Event(user.created_at, "life", "waving_hand", _("Came to the bot."))
    if user.bot_blocked_at:
        yield Event(user.bot_blocked_at, "life", "do_not_disturb_on", _("Stopped the bot."))
    if user.erased_at:
        yield Event(user.erased_at, "life", "person_off", _("Was erased."))


KINDS = (
    Kind("payments", gettext_lazy("Payments"), _payments),
    Kind("grants", gettext_lazy("Grants"), _grants),
    Kind("referrals", gettext_lazy("Referrals"), _referrals),
    Kind("analyses", gettext_lazy("Analyses"), _analyses),
    Kind("staff", gettext_lazy("Staff"), _staff),
    Kind("notes", gettext_lazy("Notes"), _notes),
    Kind("life", gettext_lazy("Life"), _life),
)
