"""Figures about users; those that read the whole table may be as old as `STATS_CACHE_SECONDS`."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, Count, F, Q, Sum
from django.db.models.functions import Coalesce, TruncDate

from faceitbot.core import clock
from faceitbot.core.cache import cache_stats_data
from faceitbot.core.figures import percentage
from faceitbot.core.ids import row_id
from faceitbot.core.repository import page
from faceitbot.core.transactions import query
from faceitbot.core.values import whole
from users.models import User, UserActivity
from users.querysets import tier_in_force

MAX_DAYS = 3650


class FigureMethods:
    """Counts over all users, and the activity of one."""

    @cache_stats_data()
    @query
    def get_top_active_users(self, limit: int = 10, fresh: bool = False) -> list[dict[str, Any]]:
        """Give those who made the most requests.

        Cached: may be STATS_CACHE_SECONDS old unless `fresh`.
        Shape: [{user_id (Telegram id), nickname, total_requests, last_active}].
        """
        rows = (
            User.objects.living()
            .order_by("-total_requests", "id")
            .values(
                "total_requests",
                user_id=F("telegram_id"),
                nickname=F("faceit_nickname"),
                last_active=F("last_active_at"),
            )
        )
        return [dict(row) for row in rows[page(0, limit)]]

    @query
    def get_activity_by_day(
        self,
        id: UUID,
        days: int = 30,
        now: datetime | None = None,
    ) -> list[tuple[date, int]]:
        """Give a user's requests of each of the last days of `BOT_TIME_ZONE`, oldest first, none left out."""
        last = clock.today(None if now is None else clock.aware(now))
        first = last - timedelta(days=whole("days", days, 1, MAX_DAYS) - 1)
        counted = dict(
            UserActivity.objects.filter(user_id=row_id(id), hour__gte=clock.start_of_day(first))
            .annotate(day=TruncDate("hour", tzinfo=clock.bot_zone()))
            .values_list("day")
            .annotate(Sum("requests"))
        )
        return [(day, counted.get(day, 0)) for day in (first + timedelta(days=n) for n in range(days))]

    @query
    def get_totals(self, now: datetime | None = None) -> dict[str, int]:
        """Give {total_users, active_users, total_requests}, exact at any moment; erased users not counted.

        Units: active means within the last 7 days; requests are those of all time.
        """
        since = (clock.now() if now is None else clock.aware(now)) - timedelta(days=7)
        return User.objects.living().aggregate(
            total_users=Count("pk"),
            active_users=Count("pk", filter=Q(last_active_at__gte=since)),
            total_requests=Coalesce(Sum("total_requests"), 0, output_field=BigIntegerField()),
        )

    @cache_stats_data()
    @query
    def get_user_stats(self, now: datetime | None = None, fresh: bool = False) -> dict[str, Any]:
        """Give {total_users, users_with_faceit, active_users_7d, new_users_24h, faceit_link_rate,
        activity_rate, language_distribution, subscription_distribution}.

        Units: the rates are percentages of all users; erased users are not counted.
        Cached: may be STATS_CACHE_SECONDS old unless `fresh`.
        """
        moment = clock.now() if now is None else clock.aware(now)
        living = User.objects.living()
        counts = living.aggregate(
            total_users=Count("pk"),
            users_with_faceit=Count("pk", filter=Q(faceit_player_id__isnull=False)),
            active_users_7d=Count("pk", filter=Q(last_active_at__gte=moment - timedelta(days=7))),
            new_users_24h=Count("pk", filter=Q(created_at__gte=moment - timedelta(days=1))),
        )
        languages = living.order_by().values_list("language").annotate(Count("pk"))
        in_force = tier_in_force(moment, "subscription__")
        tiers = living.order_by().annotate(tier=in_force).values_list("tier").annotate(Count("pk"))
        total = counts["total_users"]
        return {
            **counts,
            "faceit_link_rate": percentage(counts["users_with_faceit"], total),
            "activity_rate": percentage(counts["active_users_7d"], total),
            "language_distribution": dict(languages),
            "subscription_distribution": dict(tiers),
        }
