"""Whether a database may be filled: it is empty, or holds only what a simulation has made.

A simulation says in the audit log what it makes before it makes anything. Its people have Telegram ids that
nobody real has.
"""

from contextlib import suppress
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from analytics.models import Metric
from faceitbot.core import audit
from faceitbot.core.models import AuditEntry
from faceitbot.simulation.events import FIRST_ID, LAST_ID
from faceitbot.simulation.history import Plan
from matches.models import MatchAnalysis, MatchCache
from stats.models import PlayerStatsCache
from subscriptions.models import Order, Payment, StarTransaction
from users.models import User

BEGUN = audit.action("simulation.begun", _("Simulation begun"))
DAY_FILLED = audit.action("simulation.day_filled", _("Simulated day filled"))
FILLED = audit.action("simulation.filled", _("Simulated history filled"))
_SIMULATED = Q(telegram_id__range=(FIRST_ID, LAST_ID))
# Two simulations would invent the same people.
_LOCK = "SELECT pg_try_advisory_lock(hashtextextended('simulation', 0))"


_RELEASE = "SELECT pg_advisory_unlock(hashtextextended('simulation', 0))"


def hold() -> bool:
    """Be the one simulation of this database until `release`; say whether nobody else is."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        return bool(cursor.fetchone()[0])


def release() -> None:
    """Let others simulate here: the connection may go back to a pool and live on."""
    with suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute(_RELEASE)


def is_begun() -> bool:
    """Say whether a simulation has made this database's rows."""
    return AuditEntry.objects.filter(action=BEGUN).exists()


def foreign_rows() -> dict[str, int]:
    """Give how many rows of each sort no simulation has made; sorts that have none are left out."""
    counts = {
        "users": User.objects.exclude(_SIMULATED),
        "payments": Payment.objects.filter(user=None),
        "transactions of Stars": StarTransaction.objects.all(),
    }
    if is_begun():
        counts["users"] = User.objects.living().exclude(_SIMULATED)  # staff may have erased an invention
        counts["transactions of Stars"] = StarTransaction.objects.exclude(
            partner_telegram_id__range=(FIRST_ID, LAST_ID)
        )
    else:
        counts |= {
            "users": User.objects.all(),
            "orders": Order.objects.all(),
            "analyses": MatchAnalysis.objects.all(),
            # What is known of players and matches may be added to a simulation: nobody owns it.
            "cards of players": PlayerStatsCache.objects.all(),
            "stored matches": MatchCache.objects.all(),
            "metrics": Metric.objects.all(),
        }
    found = {what: rows.count() for what, rows in counts.items()}
    return {what: number for what, number in found.items() if number}


def begin(plan: Plan | None, seed: int) -> None:
    """Put on record that this database belongs to simulations from now on, and which past it gets."""
    after: dict[str, Any] = {"seed": seed}
    if plan:
        after |= {
            "days": plan.days,
            "end": plan.end.isoformat(),
            "a_day": plan.population.registrations_a_day,
        }
    with transaction.atomic():
        audit.record_on_table(BEGUN, User, after, actor=None)


def finish() -> None:
    """Put on record that the past is complete."""
    with transaction.atomic():
        audit.record_on_table(FILLED, User, {"users": people()}, actor=None)


def is_filled() -> bool:
    """Say whether a past is complete."""
    return AuditEntry.objects.filter(action=FILLED).exists()


def begun_past() -> dict[str, Any] | None:
    """Give what was put on record of the past that was begun, None if none was."""
    entries = AuditEntry.objects.filter(action=BEGUN, after__has_key="days")
    return entries.order_by("pk").values_list("after", flat=True).first()


def people() -> int:
    """Give how many people simulations have made, or rather the number of the next."""
    last = User.objects.filter(_SIMULATED).aggregate(last=Max("telegram_id"))["last"]
    return 0 if last is None else int(last) - FIRST_ID + 1


def note_day(days: int) -> None:
    """Put on record, in the transaction of a day, how many days of the past have been filled with it."""
    audit.record_on_table(DAY_FILLED, User, {"days": days}, actor=None)


def days_filled() -> int:
    """Give how many days of the past that was begun are done: activity may be of the present as well."""
    entries = AuditEntry.objects.filter(action=DAY_FILLED).order_by("-pk")
    last = entries.values_list("after", flat=True).first()
    return int(last["days"]) if last else 0
