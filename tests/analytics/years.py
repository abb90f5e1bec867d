"""Years of a bot: rows of every source by the million, which the server makes itself.

What is the n-th of its kind happened n at a time before now: a longer history has the same last year. People
come, have matches analysed and pay for five months, and are gone; one in seven was brought by another.
"""

from dataclasses import dataclass

from django.db import connection

from tests.analytics.past import forget_past

TABLES = "users, user_subscriptions, referrals, user_activity, match_analyses, payments, metrics"
# Rows that there are already stay. Each is of a moment of its own, and of a user who had come lately.
_ROWS = (
    """INSERT INTO users (id, telegram_id, waiting_for_nickname, language, notifications_enabled,
        total_requests, created_at, updated_at, last_active_at)
    SELECT md5('user' || n)::uuid, n, false, 'ru', true, n % 150, at, at,
        greatest(at, least(now() - n % 60 * interval '1 day', at + interval '60 days'))
    FROM (SELECT n, now() - n / {users_a_day}.0 * interval '1 day' AS at
        FROM generate_series({past} * {users_a_day} + 1, {days} * {users_a_day}) n) AS numbers""",
    """INSERT INTO user_subscriptions (id, user_id, tier, daily_requests, last_reset_date, auto_renew,
        payment_method, referrals_count, created_at, updated_at)
    SELECT md5('subscription' || n)::uuid, md5('user' || n)::uuid, 'free', 0, now(), false, '', 0, now(),
        now()
    FROM generate_series({past} * {users_a_day} + 1, {days} * {users_a_day}) n""",
    """INSERT INTO referrals (id, referrer_id, referee_id, code, referrer_days, referee_days, created_at,
        void_reason)
    SELECT md5('referral' || n)::uuid, md5('user' || n + 1 + n % 5)::uuid, md5('user' || n)::uuid, 'code',
        7, 3, now() - n / {users_a_day}.0 * interval '1 day', ''
    FROM generate_series({past} * {users_a_day} + 1, {days} * {users_a_day} - 5) n WHERE n % 7 = 0""",
    """INSERT INTO user_activity (user_id, hour, requests)
    SELECT md5('user' || 1 + (day * {users_a_day} + n * {users_a_day} / 4)
            % ({days} * {users_a_day}))::uuid,
        date_trunc('hour', now() - make_interval(days => day, hours => n % 24)), 3
    FROM generate_series({past}, {days} - 1) day, generate_series(1, {active_a_day}) n
    ON CONFLICT DO NOTHING""",
    """INSERT INTO match_analyses (id, user_id, match_id, game, region, map_name, status, status_raw,
        competition_name, competition_type, match_url, cached_data_used, processing_time_ms, revision,
        analysed_at, created_at, updated_at)
    SELECT md5('analysis' || n)::uuid, md5('user' || 1 + (n * {users_a_day} / {analyses_a_day}
            + n % 60 * {users_a_day}) % ({days} * {users_a_day}))::uuid,
        'match' || n, 'cs2', '', '', 'finished', '', '', '', '', n % 3 = 0, (500 * exp(random() * 3))::int, 1,
        at, at, at
    FROM (SELECT n, now() - n / {analyses_a_day}.0 * interval '1 day' AS at
        FROM generate_series({past} * {analyses_a_day} + 1, {days} * {analyses_a_day}) n) AS numbers""",
    # Of five payments in a row, each is of somebody who came a month earlier than who made the one before.
    """INSERT INTO payments (id, user_id, amount, tier, days, status, telegram_payment_charge_id,
        provider_payment_charge_id, charge_kind, review_reason, received_currency, received_payload,
        received_odd, created_at, completed_at, refunded_at, error, refund_attempts)
    SELECT md5('payment' || n)::uuid, md5('user' || 1 + (n / 5 * 50 * {users_a_day} / {analyses_a_day}
            + n % 5 * 30 * {users_a_day}) % ({days} * {users_a_day}))::uuid,
        199, 'premium', 30, CASE WHEN n % 20 = 0 THEN 'refunded' ELSE 'completed' END, 'charge' || n,
        '', '', '', '', '', '', at, at, CASE WHEN n % 20 = 0 THEN at END, '', 0
    FROM (SELECT n, now() - n * 10 / {analyses_a_day}.0 * interval '1 day' AS at
        FROM generate_series({past} * {analyses_a_day} / 10 + 1, {days} * {analyses_a_day} / 10) n
    ) AS numbers""",
    """INSERT INTO metrics (name, value, metric_type, tags, timestamp, period)
    SELECT CASE WHEN n % 100 = 0 THEN 'request.failed' ELSE 'user.active' END, 1, 'counter',
        '{{"kind": "faceit"}}', now() - n / ({analyses_a_day} * 5.0) * interval '1 day', ''
    FROM generate_series({past} * {analyses_a_day} * 5 + 1, {days} * {analyses_a_day} * 5) n""",
)


@dataclass(frozen=True)
class Years:
    """How many days there are, and what happens on each.

    There are a tenth as many payments as analyses, and five times as many metrics.
    """

    days: int
    users_a_day: int
    active_a_day: int
    analyses_a_day: int

    @property
    def users(self) -> int:
        """How many there are."""
        return self.days * self.users_a_day

    @property
    def analyses(self) -> int:
        """How many there are."""
        return self.days * self.analyses_a_day


def fill(size, past=0):
    """Add the days before the last `past` ones, which are there already; nobody notes them as late."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET session_replication_role = replica")
        for statement in _ROWS:
            cursor.execute(statement.format(**vars(size), past=past))
        cursor.execute("RESET session_replication_role")
        cursor.execute(f"VACUUM ANALYZE {TABLES}")
        cursor.execute("TRUNCATE roll_ups, roll_up_watermarks, roll_up_late_hours, active_months")
        cursor.execute("RESET statement_timeout")


def analyse_sums():
    """Let the planner know the sums."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE roll_ups, roll_up_watermarks, active_months")


def empty():
    """Empty the tables."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    forget_past()
