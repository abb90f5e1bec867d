"""The tables as they are after years: rows by the million, which the server makes itself.

Every row obeys the constraints of its table. What spans the tables is not kept: nobody's grants come to the
subscription that he has.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from tests.factories import StaffFactory
from tests.millions.years_of_matches import EXPIRES, ROWS, SPREAD

ACCOUNT = "veteran"  # has done what staff have done
NOBODY_HAS = 4_000_000_000  # as Telegram id
FIRST_TELEGRAM_ID = 1_000_000_000
DAYS = 1_095
ACTIVE_DAYS = 90  # of which the activity is there


@dataclass(frozen=True)
class Size:
    """How many rows there are of what grows."""

    users: int
    payments: int
    grants: int
    audit_entries: int
    matches: int = 0
    players: int = 0
    events: int = 0
    notes: int = 0


MILLION = 1_000_000
FULL = Size(
    users=MILLION,
    payments=MILLION,
    grants=2 * MILLION,
    audit_entries=2 * MILLION,
    matches=MILLION,
    players=MILLION,
    events=MILLION,
    notes=MILLION // 10,
)
SMALL = Size(
    users=10_000,
    payments=10_000,
    grants=20_000,
    audit_entries=20_000,
    matches=10_000,
    players=10_000,
    events=10_000,
    notes=6_000,
)

# The n-th row of a kind has an id that everybody can compute, and that lies anywhere in its index.
_ROWS: Mapping[str, str] = {
    "users": """
        INSERT INTO users (id, telegram_id, faceit_player_id, faceit_nickname, waiting_for_nickname, language,
            notifications_enabled, total_requests, blocked_at, bot_blocked_at, erased_at, created_at,
            updated_at, last_active_at)
        SELECT md5('user' || n)::uuid, CASE WHEN erased THEN NULL ELSE {first} + n END,
            CASE WHEN linked THEN md5('player' || n)::uuid::text END,
            CASE WHEN NOT linked THEN NULL WHEN n % 1000 = 3 THEN '=cmd()'
                ELSE (ARRAY['Toxic', 'silent', 'Мастер', 'x', 'Ace'])[1 + n / 5 % 5]
                || left(md5('nickname' || n), 5) || n % 100 END,
            false, (ARRAY['ru', 'ru', 'ru', 'ru', 'en'])[1 + n % 5], true,
            (3000 * power(random(), 6))::int, CASE WHEN n % 1000 = 1 THEN now() END,
            CASE WHEN n % 40 = 1 THEN now() END, CASE WHEN erased THEN now() END,
            now() - n * {step}, now(), CASE WHEN n % 10 > 0 THEN now() - n * {step} * random() END
        FROM (SELECT n, n % 300 = 7 AS erased, n % 300 <> 7 AND n % 5 > 1 AS linked
            FROM generate_series(1, {users}) n) AS numbers""",
    "user_subscriptions": """
        INSERT INTO user_subscriptions (id, user_id, tier, expires_at, next_tier, next_expires_at,
            daily_requests, last_reset_date, auto_renew, payment_method, referral_code, referred_by_id,
            referrals_count, created_at, updated_at)
        SELECT md5('subscription' || n)::uuid, md5('user' || n)::uuid, tier,
            CASE WHEN tier <> 'free' AND n % 50 > 0 THEN now() + (n % 60 - 1) * interval '1 day' END,
            CASE WHEN tier = 'pro' AND n % 50 > 0 THEN 'premium' END,
            CASE WHEN tier = 'pro' AND n % 50 > 0 THEN now() + (n % 60 + 5) * interval '1 day' END,
            n % 7, current_date, n % 100 = 3, '', CASE WHEN n % 3 = 0 THEN 'CODE' || n END,
            CASE WHEN n % 10 = 0 THEN md5('user' || n - 1)::uuid END,
            CASE WHEN n % 10 = 9 THEN 1 ELSE 0 END, now() - n * {step}, now()
        FROM (SELECT n, CASE WHEN n % 50 < 3 THEN 'premium' WHEN n % 50 = 3 THEN 'pro' ELSE 'free' END AS tier
            FROM generate_series(1, {users}) n) AS numbers""",
    "orders": """
        INSERT INTO orders (id, payload, user_id, tier, duration, days, stars, list_stars, recurring, title,
            description, created_at, expires_at, state, paid_at, renewal)
        SELECT md5('order' || n)::uuid, 'pay:' || md5('order' || n)::uuid, md5('user' || {buyer})::uuid,
            CASE WHEN n % 4 = 0 THEN 'pro' ELSE 'premium' END,
            CASE WHEN n % 6 = 0 THEN 'yearly' ELSE 'monthly' END, CASE WHEN n % 6 = 0 THEN 365 ELSE 30 END,
            199, 199, n % 6 = 1, 'Premium', 'Premium', now() - n * {step}, now() - n * {step},
            CASE WHEN n % 20 = 1 THEN 'open' ELSE 'paid' END, CASE WHEN n % 20 <> 1 THEN now() END, ''
        FROM generate_series(1, {payments}) n""",
    "payments": """
        INSERT INTO payments (id, order_id, user_id, amount, tier, days, status, telegram_payment_charge_id,
            provider_payment_charge_id, charge_kind, review_reason, payer_telegram_id, received_amount,
            received_currency, received_payload, received_odd, received_at, created_at, completed_at,
            refunded_at, error, refund_requested_at, refund_attempts)
        SELECT md5('payment' || n)::uuid, md5('order' || n)::uuid, md5('user' || {buyer})::uuid, 199,
            CASE WHEN n % 4 = 0 THEN 'pro' ELSE 'premium' END, 30, status,
            CASE WHEN came THEN 'stx' || md5('charge' || n) END, '',
            CASE WHEN n % 6 = 1 THEN 'renewal' ELSE '' END,
            CASE WHEN status = 'needs_review' THEN (ARRAY['other_payer', 'amount'])[1 + n % 2] ELSE '' END,
            CASE WHEN came THEN {first} + {buyer} END, CASE WHEN came THEN 199 END,
            CASE WHEN came THEN 'XTR' ELSE '' END,
            CASE WHEN came THEN 'pay:' || md5('order' || n)::uuid ELSE '' END, '', CASE WHEN came THEN at END,
            at, CASE WHEN came AND status <> 'needs_review' THEN at END,
            CASE WHEN status = 'refunded' THEN at + interval '1 hour' END, '',
            CASE WHEN status = 'refund_pending' THEN at END, 0
        FROM (SELECT n, now() - n * {step} AS at, n % 20 <> 1 AS came, CASE WHEN n % 40 = 1 THEN 'failed'
            WHEN n % 20 = 1 THEN 'pending' WHEN n % 3000 = 2 THEN 'needs_review' WHEN n % 5000 = 3
            THEN 'refund_pending' WHEN n % 50 = 4 THEN 'refunded' ELSE 'completed' END AS status
            FROM generate_series(1, {payments}) n) AS numbers""",
    "grants": """
        INSERT INTO grants (id, user_id, tier, starts_at, duration, source, payment_id, actor_id, reason,
            request_id, created_at, revoked_at, revoke_reason)
        SELECT md5('grant' || n)::uuid, md5('user' || {buyer})::uuid,
            CASE WHEN n % 4 = 0 THEN 'pro' ELSE 'premium' END, now() - n * {step},
            CASE WHEN n % 100 > 0 THEN interval '30 days' END,
            CASE WHEN n % 5 > 0 THEN 'admin' ELSE 'payment' END,
            CASE WHEN n % 5 = 0 AND n / 5 <= {payments} THEN md5('payment' || n / 5)::uuid END,
            CASE WHEN n % 5 > 0 THEN {actor} END, CASE WHEN n % 5 > 0 THEN 'Сбой' ELSE '' END,
            CASE WHEN n % 5 > 0 THEN 'request' || n END, now() - n * {step},
            CASE WHEN n % 400 = 1 THEN now() END, CASE WHEN n % 400 = 1 THEN 'Ошибка' ELSE '' END
        FROM generate_series(1, {grants}) n""",
    "audit_entries": """
        INSERT INTO audit_entries (at, actor_id, action, object_label, object_id, reason, before, after,
            correlation_id)
        SELECT now() - n * {step}, CASE WHEN n % 50 = 0 THEN {actor} END,
            CASE WHEN n % 50 = 0 THEN 'grant.given' ELSE 'payment.completed' END,
            CASE WHEN n % 50 = 0 THEN 'subscriptions.grant' ELSE 'subscriptions.payment' END,
            CASE WHEN n % 50 = 0 THEN md5('grant' || n) ELSE md5('payment' || n) END::uuid::text, '',
            '{{}}', '{{"tier": "premium", "status": "completed"}}', left(md5('request' || n / 3), 12)
        FROM generate_series({audit_entries}, 1, -1) n""",
    "star_transactions": """
        INSERT INTO star_transactions (id, transaction_id, direction, amount, nanostar_amount, at,
            partner_type, partner_telegram_id, transaction_type, payload, payment_id, created_at, settled_at)
        SELECT md5('star' || n)::uuid, 'stx' || md5('charge' || n), 'in', 199, 0, now() - n * {step}, 'user',
            {first} + {buyer}, 'invoice_payment', '', md5('payment' || n)::uuid, now(), now()
        FROM generate_series(1, {payments}) n WHERE n % 20 <> 1""",
    "referrals": """
        INSERT INTO referrals (id, referrer_id, referee_id, code, referrer_days, referee_days, created_at,
            voided_at, void_reason)
        SELECT md5('referral' || n)::uuid, md5('user' || n - 1)::uuid, md5('user' || n)::uuid,
            'CODE' || n - 1, 30, 7, now() - n * {step}, CASE WHEN n % 500 = 0 THEN now() END,
            CASE WHEN n % 500 = 0 THEN 'Обман' ELSE '' END
        FROM generate_series(10, {users}, 10) n""",
    "notices": """
        INSERT INTO notices (id, user_id, kind, data, subject, created_at, attempts, sent_at)
        SELECT md5('notice' || n)::uuid, md5('user' || {buyer})::uuid, 'expired', '{{}}', 'subject' || n,
            now() - n * {step}, 1, CASE WHEN n > 50 THEN now() END
        FROM generate_series(1, {payments}) n""",
    "payment_cases": """
        INSERT INTO payment_cases (id, user_id, text, charge_id, created_at, updated_at, closed_at,
            resolution)
        SELECT md5('case' || n)::uuid, md5('user' || {buyer})::uuid, 'Я заплатил и ничего не получил.',
            'stx' || md5('charge' || n), now() - n * {step}, now(), CASE WHEN n > 10000 THEN now() END,
            CASE WHEN n > 10000 THEN 'Доступ выдан.' ELSE '' END
        FROM generate_series(2, {payments}, 50) n""",
    "user_activity": """
        INSERT INTO user_activity (user_id, hour, requests)
        SELECT md5('user' || 1 + (n * 7 + day * 131) % {users})::uuid,
            date_trunc('hour', now() - make_interval(days => day, hours => n % 24)), 3
        FROM generate_series(0, {active_days} - 1) day, generate_series(1, {users} / 50) n""",
}
# Those of constraints stay: to drop them is to drop the constraint.
_INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE tablename = %s AND schemaname = current_schema()
        AND indexname NOT IN (SELECT conname FROM pg_constraint)"""


def fill(size: Size) -> list[str]:
    """Fill the tables, and give the names of those that grow."""
    actor = StaffFactory.create(username=ACCOUNT).pk
    numbers = {
        **vars(size),
        "first": FIRST_TELEGRAM_ID,
        "actor": actor,
        "active_days": ACTIVE_DAYS,
    }
    # Each table's rows are spread over all the years; a buyer has a few of them.
    of_money = {table: (getattr(size, table, size.payments), text) for table, text in _ROWS.items()}
    of_matches = {table: (getattr(size, number), text) for table, (number, text) in ROWS.items()}
    filled = of_money | of_matches
    for table, (rows, statement) in filled.items():
        step = sql.SQL("({} / {} * interval '1 day')").format(float(DAYS), max(rows, 1))
        buyer = sql.SQL("(1 + (n::bigint * 7919) % {})").format(size.users)
        values = {name: sql.Literal(value) for name, value in numbers.items()}
        with _in_bulk(table) as cursor:
            cursor.execute(
                sql.SQL(statement).format(
                    **values, step=step, buyer=buyer, expires=sql.SQL(EXPIRES), spread=sql.SQL(SPREAD)
                )
            )
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(f"VACUUM ANALYZE {', '.join(filled)}")
        cursor.execute("RESET statement_timeout")
    return list(filled)


@contextmanager
def _in_bulk(table: str) -> Iterator[Any]:
    """Write without triggers, those of foreign keys among them, and build the indexes in the end."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        cursor.execute(_INDEXES, [table])
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        yield cursor
        for _name, definition in indexes:
            cursor.execute(definition)
