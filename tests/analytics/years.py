"""Years of a bot: rows of every source by the million, which the server makes itself."""

from dataclasses import dataclass

from django.db import connection

from tests.analytics.past import forget_past

TABLES = "users, user_activity, match_analyses, payments, metrics"
# Rows are spread evenly over the days; those that there are already stay.
_ROWS = (
    """INSERT INTO users (id, telegram_id, waiting_for_nickname, language, notifications_enabled,
        total_requests, created_at, updated_at)
    SELECT md5('user' || n)::uuid, n, false, 'ru', true, 3,
        now() - random() * {days} * interval '1 day', now()
    FROM generate_series(1, {users}) n ON CONFLICT DO NOTHING""",
    """INSERT INTO user_activity (user_id, hour, requests)
    SELECT md5('user' || 1 + (n * 7 + day * 131) % {users})::uuid,
        date_trunc('hour', now() - make_interval(days => day, hours => n % 24)), 3
    FROM generate_series(0, {days} - 1) day, generate_series(1, {users} / 50) n ON CONFLICT DO NOTHING""",
    """INSERT INTO match_analyses (id, user_id, match_id, game, region, map_name, status, status_raw,
        competition_name, competition_type, match_url, cached_data_used, processing_time_ms, revision,
        analysed_at, created_at, updated_at)
    SELECT md5('analysis' || n)::uuid, md5('user' || 1 + n % {users})::uuid, 'match' || n, 'cs2', '', '',
        'finished', '', '', '', '', n % 3 = 0, (500 * exp(random() * 3))::int, 1, at, at, at
    FROM (SELECT n, now() - random() * {days} * interval '1 day' AS at
        FROM generate_series({analyses_before} + 1, {analyses}) n) AS numbers""",
    """INSERT INTO payments (id, user_id, amount, tier, days, status, telegram_payment_charge_id,
        provider_payment_charge_id, charge_kind, review_reason, received_currency, received_payload,
        received_odd, created_at, completed_at, refunded_at, error, refund_attempts)
    SELECT md5('payment' || n)::uuid, md5('user' || 1 + n % {users})::uuid, 199, 'premium', 30,
        CASE WHEN n % 20 = 0 THEN 'refunded' ELSE 'completed' END, 'charge' || n, '', '', '', '', '', '',
        at, at, CASE WHEN n % 20 = 0 THEN at END, '', 0
    FROM (SELECT n, now() - random() * {days} * interval '1 day' AS at
        FROM generate_series({analyses_before} / 10 + 1, {analyses} / 10) n) AS numbers""",
    """INSERT INTO metrics (name, value, metric_type, tags, timestamp, period)
    SELECT CASE WHEN n % 100 = 0 THEN 'request.failed' ELSE 'user.active' END, 1, 'counter',
        '{{"kind": "faceit"}}', now() - random() * {days} * interval '1 day', ''
    FROM generate_series({analyses_before} * 5 + 1, {analyses} * 5) n""",
)


@dataclass(frozen=True)
class Years:
    """How many days, users and analyses; of payments there are a tenth as many, of metrics five times."""

    days: int
    users: int
    analyses: int


def fill(size, analyses_before=0):
    """Add the rows that are missing; nobody notes them as late."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET session_replication_role = replica")
        for statement in _ROWS:
            cursor.execute(statement.format(**vars(size), analyses_before=analyses_before))
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
