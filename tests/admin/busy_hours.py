"""The last hours of a bot at work, and the same hours a week before, for the page that shows them."""

import random
from datetime import datetime, timedelta

from analytics.repositories import AnalyticsRepository
from matches.models import MatchAnalysis
from users.models import User
from users.repositories import UserRepository

HOURS = 7
A_WEEK = timedelta(days=7)


def fill(now: datetime) -> None:
    """Let users ask, be answered, and fail now and then; the same in every run, but for the hours."""
    dice = random.Random(5)
    people = list(User.objects.order_by("telegram_id")[:30])
    for before in (A_WEEK, timedelta()):
        hours = [now - before - timedelta(hours=age) for age in reversed(range(HOURS))]
        UserRepository().bulk_update_activity.blocking(
            [
                {"user_id": user.telegram_id, "timestamp": hour, "requests": dice.randint(2, 25)}
                for hour in hours
                for user in dice.sample(people, 12)
            ]
        )
        moments = [hour - timedelta(minutes=dice.randint(0, 50)) for hour in hours for _each in range(40)]
        MatchAnalysis.objects.bulk_create(
            MatchAnalysis(
                user=dice.choice(people),
                match_id=f"1-{before.days}-{number}",
                map_name="de_mirage",
                processing_time_ms=round(dice.lognormvariate(7.2, 0.4)),
                cached_data_used=dice.random() < 0.8,
                created_at=moment,
                analysed_at=moment,
            )
            for number, moment in enumerate(moments)
        )
        AnalyticsRepository().record_batch_metrics.blocking(
            {"name": "request.failed", "value": 1, "tags": {"kind": "faceit"}, "timestamp": moment}
            for moment in dice.sample(moments, 25)
        )
