"""Many users, and as many subscriptions, orders, cards, matches, analyses and events.

The server makes the rows itself, with keys that can be computed from their numbers. Nobody has to be told of
them: the triggers that watch for what comes late stay silent. Indexes are built when the rows are there.
"""

from concurrent.futures import ThreadPoolExecutor
from hashlib import md5
from uuid import UUID

import psycopg

from bench.world import FIRST_ID, STRIDE

STARS = 199
_CARD_MAPS = '{"de_dust2": {"matches": 100, "winrate": 50, "avg_kd": 1.1}}'
_MATCH = '{"status": "FINISHED", "competition_name": "5v5", "best_of": 1, "region": "EU", "teams": {}}'
# By table. Each makes the rows from 0 up to {users}.
_ROWS = {
    "users": """
        (id, telegram_id, faceit_player_id, faceit_nickname, waiting_for_nickname, language,
            notifications_enabled, total_requests, created_at, updated_at, last_active_at)
        SELECT md5('user' || n)::uuid, {first} + n, md5('player' || n), 'player' || n, false, 'ru', true, 1,
            now() - n * interval '1 minute', now(), now() - n % 1000 * interval '1 hour'""",
    "user_subscriptions": """
        (id, user_id, tier, daily_requests, auto_renew, payment_method, referrals_count, created_at,
            updated_at)
        SELECT md5('row' || n)::uuid, md5('user' || n)::uuid, 'free', 0, false, '', 0, now(), now()""",
    "orders": """
        (id, payload, user_id, tier, duration, days, stars, list_stars, recurring, title, description,
            created_at, expires_at, state, renewal)
        SELECT md5('row' || n)::uuid, md5('order' || n), md5('user' || n)::uuid, 'premium', 'monthly', 30,
            {stars}, {stars}, false, 'Premium', '', now() - n * interval '1 minute',
            now() + interval '1 day', 'open', ''""",
    "player_stats": """
        (id, player_id, nickname, game, skill_level, faceit_elo, matches_played, winrate, avg_kd, hltv_rating,
            recent_form, match_history_stats, map_performance, weapon_preferences, clutch_stats, lifetime,
            expires_at, created_at, updated_at)
        SELECT md5('row' || n)::uuid, md5('player' || n), 'player' || n, 'cs2', 1 + n % 10, n % 3000,
            n % 5000, 50, 1.1, n % 200 / 100.0, 'WLWLW', '{{}}', '{maps}', '{{}}', '{{}}', '{{}}',
            now() + interval '1 day', now() - n * interval '1 minute', now()""",
    "match_cache": """
        (id, match_id, match_data, expires_at, access_count, created_at, updated_at)
        SELECT md5('row' || n)::uuid, md5('match' || n), '{match}', now() + interval '1 day', 0,
            now() - n * interval '1 minute', now()""",
    "match_analyses": """
        (id, user_id, match_id, game, region, map_name, status, status_raw, competition_name,
            competition_type, match_url, details, cached_data_used, revision, analysed_at, created_at,
            updated_at)
        SELECT md5('row' || n)::uuid, md5('user' || n)::uuid, md5('match' || n), 'cs2', 'EU', 'de_dust2',
            'finished', '', '5v5', 'matchmaking', '', '{match}', false, 1, now() - n * interval '1 minute',
            now() - n * interval '1 minute', now()""",
    "metrics": """
        (name, value, metric_type, tags, timestamp, period)
        SELECT 'thing.done', 1, 'counter', '{{"tier": "premium"}}', now() - n * interval '1 second', ''""",
}
_HALVES = (
    ("users", "user_subscriptions", "orders"),
    ("player_stats", "match_cache", "match_analyses", "metrics"),
)


class Rows:
    """How many of each there are, and what the one that a call is about is known by."""

    def __init__(self) -> None:
        self.users = 0

    def place(self, number: int) -> int:
        """Give the place of what a call is about."""
        return number * STRIDE % self.users

    def telegram_id(self, number: int) -> int:
        """Give the Telegram id of the user that a call is about."""
        return FIRST_ID + self.place(number)

    def key(self, number: int) -> UUID:
        """Give the key of the user that a call is about."""
        return UUID(self.of("user", number))

    def of(self, what: str, number: int) -> str:
        """Give the id of the player or match, or the payload of the order, that a call is about."""
        return md5(f"{what}{self.place(number)}".encode(), usedforsecurity=False).hexdigest()


def fill(url: str, users: int) -> None:
    """Make so many rows of each kind in a database that has none, on two connections."""
    with ThreadPoolExecutor(len(_HALVES)) as pool:
        list(pool.map(lambda tables: _fill(url, users, tables), _HALVES))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE tier_limits SET daily_requests = 1000000")
        connection.execute("CHECKPOINT")


def _fill(url: str, users: int, tables: tuple[str, ...]) -> None:
    words = {"first": FIRST_ID, "stars": STARS, "maps": _CARD_MAPS, "match": _MATCH}
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET maintenance_work_mem = '256MB'")
        for table in tables:
            rows = f"{_ROWS[table].format(**words)} FROM generate_series(0, {users} - 1) n"
            with connection.transaction():
                # An index that is not ready is left alone by INSERT; REINDEX makes it ready.
                connection.execute(
                    "UPDATE pg_index SET indisready = false, indisvalid = false"
                    " WHERE indrelid = %s::regclass",
                    [table],
                )
                connection.execute(f"INSERT INTO {table} {rows}".encode())
                connection.execute(f"REINDEX TABLE {table}".encode())
            connection.execute(f"VACUUM ANALYZE {table}".encode())
