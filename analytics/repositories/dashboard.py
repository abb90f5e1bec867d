"""What is going on just now."""

from datetime import datetime
from typing import Any

from analytics import health
from analytics.moments import moment_of
from analytics.repositories.live import ACTIVE_NOW, AN_HOUR, requests_of_an_hour
from analytics.rollups.reading import History
from faceitbot.core import clock
from faceitbot.core.figures import percentage
from faceitbot.core.one_moment import one_moment
from faceitbot.core.transactions import query
from users.models import User


class DashboardMethods:
    """The figures of this moment."""

    @query
    def get_realtime_dashboard(self, now: datetime | None = None) -> dict[str, Any]:
        """Give {users {active_now, new_today}, activity {requests_last_hour, revenue_today}, health
        {error_rate, errors_last_hour, database, redis, rollup_lag_seconds}, timestamp}.

        Active now is who was active within the last 5 minutes; today begins at midnight of `BOT_TIME_ZONE`.
        Requests are kept by the hour: of the hour before the present one as large a part is taken as lies
        within the last 60 minutes. `redis` is "ok" or "away"; `database` is "ok", for otherwise there is no
        answer at all; `rollup_lag_seconds` is None where nothing has ever been summed up.
        Units: whole Stars; the rate is a percentage of what was asked for within those 60 minutes.
        """
        moment = moment_of(now)
        midnight = clock.start_of_day(clock.today(moment))
        with one_moment():
            history = History.read()
            requests = requests_of_an_hour(history, moment)
            errors = history.total("errors", moment - AN_HOUR, moment)
            active = User.objects.active_since(moment - ACTIVE_NOW).count()
            new = history.total("new_users", midnight, moment)
            revenue = history.total("revenue", midnight, moment)
        made_until = history.summed_up_until()
        return {
            "users": {"active_now": active, "new_today": new},
            "activity": {"requests_last_hour": requests, "revenue_today": revenue},
            "health": {
                "error_rate": percentage(errors, errors + requests),
                "errors_last_hour": errors,
                "database": "ok",
                "redis": health.of_redis(),
                "rollup_lag_seconds": round((moment - made_until).total_seconds()) if made_until else None,
            },
            "timestamp": moment.isoformat(),
        }
