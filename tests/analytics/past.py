"""A past that is made by a seed: a few thousand rows of every source, within some months of one spring."""

import random
import uuid
from datetime import UTC, datetime, timedelta

from django.db import connection

from analytics.models import Metric
from analytics.models.metrics import FAILED_REQUEST
from matches.models import MatchAnalysis
from subscriptions.models import Order, Payment, PaymentStatus
from users.models import User, UserActivity

# Clocks go forward within it: on 8 March in New York, on 29 March in Berlin.
FIRST, NOW = datetime(2026, 2, 20, 7, tzinfo=UTC), datetime(2026, 4, 20, 12, 34, tzinfo=UTC)
USERS, ANALYSES, PAYMENTS, FAILURES = 60, 900, 250, 150


def moment(chance):
    """Give a moment of the time; one in ten falls on the last day, and some on a whole hour."""
    start = NOW - timedelta(hours=20) if chance.random() < 0.1 else FIRST
    at = start + (NOW - start) * chance.random()
    return at.replace(minute=0, second=0, microsecond=0) if chance.random() < 0.1 else at


def make_past(seed=1):
    """Write the rows."""
    chance = random.Random(seed)
    users = [
        User(id=uuid.UUID(int=chance.getrandbits(128)), telegram_id=n + 1, created_at=moment(chance))
        for n in range(USERS)
    ]
    User.objects.bulk_create(users)
    hours = {
        (chance.choice(users).pk, moment(chance).replace(minute=0, second=0, microsecond=0))
        for _ in range(2_000)
    }
    UserActivity.objects.bulk_create(
        UserActivity(user_id=user, hour=hour, requests=chance.randint(1, 9)) for user, hour in sorted(hours)
    )
    MatchAnalysis.objects.bulk_create(
        MatchAnalysis(
            user=chance.choice(users),
            match_id=f"match-{n}",
            analysed_at=moment(chance),
            cached_data_used=chance.random() < 0.3,
            processing_time_ms=chance.choice([None, 0, 1, 7, int(chance.lognormvariate(6, 1))]),
        )
        for n in range(ANALYSES)
    )
    _make_money(chance, users)
    Metric.objects.bulk_create(
        Metric(name=name, value=1, timestamp=moment(chance), tags={"kind": chance.choice(["faceit", "bug"])})
        for name in [FAILED_REQUEST] * FAILURES + ["user.created"] * 50
    )


def _make_money(chance, users):
    orders, payments = [], []
    for n in range(PAYMENTS):
        tier, duration = chance.choice(["premium", "pro"]), chance.choice(["monthly", "yearly"])
        at, user = moment(chance), chance.choice(users)
        orders.append(
            Order(
                payload=f"pay:{n}", user=user, tier=tier, duration=duration, days=30, stars=199,
                list_stars=199, title="Plan", description="Plan", expires_at=at,
            )
        )  # fmt: skip
        went_back = chance.random() < 0.2
        payments.append(
            Payment(
                order=orders[-1], user=user, amount=chance.randint(1, 500), tier=tier, days=30,
                status=PaymentStatus.REFUNDED if went_back else PaymentStatus.COMPLETED,
                telegram_payment_charge_id=f"charge-{n}", completed_at=at, created_at=at,
                refunded_at=min(at + timedelta(days=3), NOW) if went_back else None,
                charge_kind=chance.choice(["", "first", "renewal"]),
            )
        )  # fmt: skip
    Order.objects.bulk_create(orders)
    Payment.objects.bulk_create(payments)


def forget_past():
    """Empty every table of it."""
    tables = "metrics, match_analyses, user_activity, payments, orders, users, roll_ups, roll_up_watermarks"
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables}, roll_up_late_hours CASCADE")
