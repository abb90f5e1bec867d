"""What becomes of those who come: whether they stay, and how far they get."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import connection

from analytics import coming_back
from analytics.moments import moment_of
from analytics.ranges import range_of
from analytics.rollups.reading import History
from faceitbot.core import clock
from faceitbot.core.figures import percentage
from faceitbot.core.one_moment import one_moment
from faceitbot.core.transactions import query
from faceitbot.core.values import whole

MOST_WEEKS = 104
STEPS = ("registered", "linked", "first_analysis", "paying")
# Each step is looked up by its index, for those alone who came within the range and got as far as the step
# before: EXISTS would let the planner read all analyses there are instead.
_FUNNEL = """
WITH came AS MATERIALIZED (
    SELECT CASE WHEN faceit_player_id IS NULL THEN 0
        WHEN (SELECT true FROM match_analyses WHERE user_id = users.id LIMIT 1) IS NULL THEN 1
        WHEN (SELECT true FROM payments WHERE user_id = users.id AND completed_at IS NOT NULL LIMIT 1) IS NULL
            THEN 2
        ELSE 3 END AS steps
    FROM users WHERE created_at >= %(start)s AND created_at < %(end)s AND erased_at IS NULL
)
SELECT count(*), count(*) FILTER (WHERE steps > 0), count(*) FILTER (WHERE steps > 1),
    count(*) FILTER (WHERE steps > 2)
FROM came
"""


class CohortMethods:
    """Figures about users from the time when they came."""

    @query
    def get_retention_cohorts(self, weeks: int = 8, now: datetime | None = None) -> dict[str, Any]:
        """Give {weeks, cohorts [{week, users, active [..], retention [..]}]}, oldest first, none left out.

        A cohort are those who came within a week of `BOT_TIME_ZONE`, named by its Monday; `active` counts how
        many of them were active in that week, the next, and so on up to the present one, which is not over.
        Who is active again does not change what is past.
        Units: `retention` are percentages of the cohort. Errors: `InvalidInput` unless weeks are 1 to 104.
        """
        moment = moment_of(now)
        number = whole("weeks", weeks, 1, MOST_WEEKS)
        today = clock.today(moment)
        last = today - timedelta(days=today.weekday())
        mondays = [last - timedelta(weeks=age) for age in reversed(range(number))]
        bounds = [*map(clock.start_of_day, mondays), clock.start_of_day(last + timedelta(weeks=1))]
        with one_moment():
            found = coming_back.cohorts(History.read(), list(pairwise(bounds)))
        rows = []
        for first, monday in enumerate(mondays):
            cohort = found.get(monday, coming_back.Cohort(0, {}))
            active = [cohort.active.get(week, 0) for week in range(first, number)]
            rows.append(
                {
                    "week": monday.isoformat(),
                    "users": cohort.users,
                    "active": active,
                    "retention": [percentage(each, cohort.users) for each in active],
                }
            )
        return {"weeks": number, "cohorts": rows}

    @query
    def get_funnel(
        self,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        now: datetime | None = None,
    ) -> dict[str, Any]:
        """Give {steps [{step, users, share, rate}], period {start, end}}: how far those got who came then.

        The steps are registered, linked, first_analysis, paying; whoever is at one has done those before it.
        Linked is who has a link today: it is not kept when somebody linked first, or that he did once.
        Erased users are not counted.
        Units: `share` is the percentage of those who came, `rate` of those at the step before.
        Errors: as `get_user_activity_metrics`.
        """
        within = range_of(start_date, end_date, moment_of(now))
        with connection.cursor() as cursor:
            cursor.execute(_FUNNEL, {"start": within.start, "end": within.end})
            counts = cursor.fetchone()
        before = (counts[0], *counts)
        return {
            "steps": [
                {
                    "step": step,
                    "users": users,
                    "share": percentage(users, counts[0]),
                    "rate": percentage(users, earlier),
                }
                for step, users, earlier in zip(STEPS, counts, before, strict=False)
            ],
            "period": within.period,
        }
