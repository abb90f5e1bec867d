"""A week of a small bot, every row of which is known: Monday 15 to Sunday 21 June 2026, 23:30, in Moscow.

Twelve users. 1, 2, 3, 4 and 12 came on Tuesday of the week before; 5 to 11 came one each day, from Monday to
Sunday.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from analytics.repositories import AnalyticsRepository, RollUpRepository
from subscriptions.models import UserSubscription
from tests.factories import (
    MatchAnalysisFactory,
    OrderFactory,
    PaymentFactory,
    ReferralFactory,
    StaffFactory,
)
from users.models import User
from users.repositories import UserRepository

MOSCOW = ZoneInfo("Europe/Moscow")
users, analytics = UserRepository(), AnalyticsRepository()
PRICES = {
    ("premium", "monthly"): (199, 30),
    ("premium", "yearly"): (1999, 365),
    ("pro", "monthly"): (299, 30),
    ("pro", "yearly"): (2999, 365),
}


def at(day, hour=0, minute=0, month=6):
    """Give a moment of Moscow's calendar, in UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=MOSCOW).astimezone(UTC)


MONDAY, NOW = at(15), at(21, 23, 30)
LINKED = {1, 2, 3, 4, 5, 6, 7, 10}


def live_the_week():
    """Make all rows of the week, and of what went before; give the users by their numbers."""
    people = _come()
    _use_the_bot()
    _analyse(people)
    _fail(people)
    _pay(people)
    _bring_each_other(people)
    return people


def _come():
    for number in range(1, 13):
        player = {"faceit_player_id": f"player-{number}", "faceit_nickname": f"nick{number}"}
        users.create_user.blocking(number, **(player if number in LINKED else {}))
        came = at(9, 9) if number in (1, 2, 3, 4, 12) else at(15 + number - 5, 9)
        User.objects.filter(telegram_id=number).update(created_at=came)
    return {user.telegram_id: user for user in User.objects.all()}


def _use_the_bot():
    week = [(1, MONDAY + timedelta(hours=hour, minutes=27), 1) for hour in range(7 * 24)]
    newcomers = [(number, at(15 + number - 5, 12), 2) for number in range(5, 12)]
    others = [(2, at(15, 10), 3), (2, at(21, 10), 3), (11, at(21, 22), 4)]
    week_before = [(1, at(12, 15), 5), (2, at(11, 11), 1), (3, at(10, 10), 40), (4, at(13, 13), 1)]
    counts = [*week, *newcomers, *others, *week_before]
    users.bulk_update_activity.blocking(
        {"user_id": number, "timestamp": moment, "requests": requests} for number, moment, requests in counts
    )


def _analyse(people):
    """One analysis in each hour of Sunday, which took 10 to 33 ms; every fourth from stored data."""
    for hour in range(24):
        MatchAnalysisFactory.create(
            user=people[1],
            match_id=f"sunday-{hour}",
            status="cancelled" if hour == 5 else "finished",
            processing_time_ms=10 + hour,
            cached_data_used=hour % 4 == 0,
            analysed_at=at(21, hour, 10),
        )
    for number in (5, 6, 10):
        MatchAnalysisFactory.create(user=people[number], match_id="first", analysed_at=at(20, 12))


def _fail(people):
    failures = [(at(21, 10), "timeout"), (at(21, 23, 5), "faceit"), (at(21, 23, 6), "faceit")]
    analytics.record_batch_metrics.blocking(
        {
            "name": "request.failed",
            "value": 1,
            "tags": {"kind": kind, "user": str(people[1].pk)},
            "timestamp": moment,
        }
        for moment, kind in failures
    )
    analytics.record_batch_metrics.blocking(
        {"name": "match.analysed", "value": 1, "timestamp": at(20, hour)} for hour in range(5)
    )


def _pay(people):
    def pay(number, tier, duration, moment, kind="", refunded_at=None):
        stars, days = PRICES[tier, duration]
        order = OrderFactory.create(
            user=people[number], tier=tier, duration=duration, days=days, stars=stars, list_stars=stars
        )
        PaymentFactory.create(
            order=order,
            status="refunded" if refunded_at else "completed",
            telegram_payment_charge_id=f"charge-{number}-{moment:%m%d}",
            charge_kind=kind,
            completed_at=moment,
            refunded_at=refunded_at,
        )

    pay(1, "premium", "monthly", at(17, 12, month=5))  # to the 16th, and renewed
    pay(2, "pro", "monthly", at(18, 12, month=5))  # to the 17th, and renewed too late
    pay(3, "premium", "monthly", at(20, 12, month=5))  # to the 19th, and there are three days
    pay(5, "premium", "monthly", at(15, 15))
    pay(1, "premium", "monthly", at(16, 11), "renewal")
    pay(6, "premium", "yearly", at(17, 15))
    pay(7, "pro", "monthly", at(18, 15), refunded_at=at(21, 20))
    pay(8, "premium", "monthly", at(19, 15), refunded_at=at(20, 18))
    pay(9, "pro", "yearly", at(20, 15))
    pay(2, "pro", "monthly", at(21, 10))
    for number, tier in ((1, "premium"), (2, "pro")):
        rows = UserSubscription.objects.filter(user=people[number])
        rows.update(tier=tier, expires_at=NOW + timedelta(days=20))


def _bring_each_other(people):
    for referrer, referee in ((1, 5), (1, 6), (1, 10), (2, 9)):
        ReferralFactory.create(referrer=people[referrer], referee=people[referee], created_at=at(20, 20))
    ReferralFactory.create(
        referrer=people[2],
        referee=people[8],
        created_at=at(20, 20),
        voided_at=at(21),
        void_reason="fraud",
        voided_by=StaffFactory.create(),
    )


def sum_up(until):
    """Sum up the week as far as that."""
    RollUpRepository().update_roll_ups.blocking(now=until)
