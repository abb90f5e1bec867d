"""What years of matches and players leave, and what the bot, the jobs and the staff do besides."""

from collections.abc import Mapping

# By table; the first word says which number of a `Size` bounds the rows.
ROWS: Mapping[str, tuple[str, str]] = {
    "match_analyses": (
        "matches",
        """
        INSERT INTO match_analyses (id, user_id, match_id, game, region, map_name, status, status_raw,
            competition_name, competition_type, match_url, finished_at, team1_analysis, cached_data_used,
            processing_time_ms, revision, analysed_at, created_at, updated_at)
        SELECT md5('analysis' || n)::uuid, md5('user' || 1 + n % ({users} / 20))::uuid,
            '1-' || md5('match' || n / 5)::uuid, CASE WHEN n % 1000 = 1 THEN 'csgo' ELSE 'cs2' END, 'EU',
            (ARRAY['de_mirage', 'de_nuke', 'de_ancient', 'de_dust2', 'de_train'])[1 + n / 5 % 5],
            (ARRAY['finished', 'finished', 'cancelled', 'ongoing', 'finished'])[
                CASE WHEN n % 5000 = 2 THEN 4 WHEN n % 500 = 3 THEN 3 ELSE 1 END],
            '', '', '', '', now() - n * {step}, '{{"players": []}}', false, n % 900, 1,
            now() - n * {step}, now() - n * {step}, now() - n * {step}
        FROM generate_series(1, {matches}) n""",
    ),
    "match_cache": (
        "matches",
        """
        INSERT INTO match_cache (id, match_id, match_data, expires_at, access_count, created_at, updated_at)
        SELECT md5('body' || n)::uuid, '1-' || md5('match' || n)::uuid, '{{"status": "FINISHED"}}',
            now() + (n % 5000 - 50) * interval '1 minute', n % 50, now() - n * {step}, now() - n * {step}
        FROM generate_series(1, {matches}) n""",
    ),
    "match_predictions": (
        "matches",
        """
        INSERT INTO match_predictions (id, match_id, made_at, team1_probability, inputs, winner, ended_at,
            settled_at)
        SELECT md5('prediction' || n)::uuid, '1-' || md5('match' || n)::uuid, now() - n * {step}, 0.55,
            '{{}}', CASE WHEN n % 500 = 1 OR n % 300 = 2 THEN NULL WHEN n % 2 = 0 THEN 'team1' ELSE 'team2'
                END,
            CASE WHEN n % 500 <> 1 THEN now() - n * {step} + interval '1 hour' END,
            CASE WHEN n % 500 <> 1 THEN now() - n * {step} + interval '1 hour' END
        FROM generate_series(1, {matches}) n""",
    ),
    # Cards are served for half an hour, and deleted a day later: most of them have expired.
    "player_stats": (
        "players",
        """
        INSERT INTO player_stats (id, player_id, nickname, game, user_id, country, skill_level, faceit_elo,
            matches_played, winrate, avg_kd, avg_adr, hltv_rating, recent_form, danger_level,
            match_history_stats, map_performance, weapon_preferences, clutch_stats, lifetime, expires_at,
            named_at, created_at, updated_at)
        SELECT md5('card' || n)::uuid, md5('player' || n)::uuid::text, 'p' || left(md5('nickname' || n), 7),
            CASE WHEN n % 50 = 9 THEN 'csgo' ELSE 'cs2' END,
            CASE WHEN n <= {users} AND n % 300 <> 7 AND n % 5 > 1 THEN md5('user' || n)::uuid END, 'ru',
            1 + n / 20 % 10, 500 + {spread}, n % 3000, 50, 1.1, 75, 0.5 + {spread} / 1000.0,
            'WLWLW', 1 + n / 20 % 5, '{{"averaged": 20}}',
            '{{"de_mirage": {{"matches": 10, "rating_version": "1.0"}}}}',
            '{{}}', '{{}}', '{{}}', {expires}, now(), now() - n * {step}, now() - n * {step}
        FROM generate_series(1, {players}) n""",
    ),
    "player_map_stats": (
        "players",
        """
        INSERT INTO player_map_stats (card_id, map_name, game, matches, winrate, avg_rating, avg_kd, avg_adr,
            expires_at)
        SELECT md5('card' || n)::uuid,
            (ARRAY['de_mirage', 'de_nuke', 'de_ancient', 'de_dust2', 'de_train'])[1 + n / 7 % 5],
            CASE WHEN n % 50 = 9 THEN 'csgo' ELSE 'cs2' END, n % 90, 50, 0.5 + {spread} / 1000.0, 1.1,
            75, {expires}
        FROM generate_series(1, {players}) n""",
    ),
    "player_matches": (
        "players",
        """
        INSERT INTO player_matches (player_id, match_id, match_round, nickname, game, map_name, finished_at,
            won, rounds, kills, deaths, rating, created_at)
        SELECT md5('player' || 1 + n % ({players} / 20))::uuid::text, '1-' || md5('match' || n / 10)::uuid, 1,
            'p' || left(md5('nickname' || 1 + n % ({players} / 20)), 7), 'cs2', 'de_mirage',
            now() - n * {step}, n % 2 = 0, 24, 20, 17, 1.1, now() - n * {step}
        FROM generate_series(1, {players}) n""",
    ),
    "player_stats_points": (
        "players",
        """
        INSERT INTO player_stats_points (player_id, game, at, skill_level, faceit_elo, avg_kd)
        SELECT md5('player' || 1 + n % ({players} / 20))::uuid::text, 'cs2', now() - n * {step}, 1 + n % 10,
            500 + n * 7 % 3000, 1.1
        FROM generate_series(1, {players}) n""",
    ),
    "metrics": (
        "events",
        """
        INSERT INTO metrics (name, value, metric_type, tags, timestamp, period)
        SELECT CASE WHEN n % 100 = 1 THEN 'request.failed' WHEN n % 5000 = 2 THEN 'payment.refunded'
                ELSE 'match.analysed' END, 1, 'counter',
            CASE WHEN n % 100 = 1 THEN jsonb_build_object('kind', 'faceit', 'user', md5('user' || n)::uuid)
                ELSE '{{}}' END, now() - n * {step} / 12, ''
        FROM generate_series(1, {events}) n""",
    ),
    "user_notes": (
        "notes",
        """
        INSERT INTO user_notes (id, user_id, author_id, text, created_at)
        SELECT md5('note' || n)::uuid, md5('user' || 1 + n % {users})::uuid, {actor}, 'Звонил.',
            now() - n * {step}
        FROM generate_series(1, {notes}) n""",
    ),
    "sent_forms": (
        "notes",
        """
        INSERT INTO sent_forms (token, actor_id, at, done, refused)
        SELECT md5('form' || n)::uuid, {actor}, now() - n * {step} / 36, 1, 0
        FROM generate_series(1, {notes}) n""",
    ),
    "job_runs": (
        "notes",
        """
        INSERT INTO job_runs (name, started_at, ended_at, outcome, error, figures, process, alive_until,
            correlation_id)
        SELECT (ARRAY['expire_subscriptions', 'settle_stars', 'update_rollups'])[1 + n % 3],
            now() - n * {step} / 36, now() - n * {step} / 36, CASE WHEN n % 900 = 5 THEN 'failed' ELSE 'done'
                END, '', '{{}}', 'p', now() - n * {step} / 36, ''
        FROM generate_series(1, 3000) n""",
    ),
    "campaigns": (
        "notes",
        """
        INSERT INTO campaigns (id, name, tier, days, reason, actor_id, members, created_at)
        SELECT md5('campaign' || n)::uuid, 'campaign ' || n, '', 7, 'Праздник', {actor}, {notes}, now()
        FROM generate_series(1, 1) n""",
    ),
    "campaign_members": (
        "notes",
        """
        INSERT INTO campaign_members (campaign_id, user_id, grant_id, refusal, done_at)
        SELECT md5('campaign1')::uuid, md5('user' || n)::uuid,
            CASE WHEN n % 500 > 1 THEN md5('grant' || n)::uuid END,
            CASE WHEN n % 500 = 1 THEN 'blocked' ELSE '' END, CASE WHEN n % 500 > 0 THEN now() END
        FROM generate_series(1, {notes}) n""",
    ),
    "process_samples": (
        "notes",
        """
        INSERT INTO process_samples (at, kind, process, seconds, calls, failed, durations, cache_hits,
            cache_misses, waiting_calls, websocket_clients, event_loop_lag_ms, memory_bytes)
        SELECT now() - n * interval '5 seconds', 'web', 'p' || n % 2, 10, 100, 0, '[]', 1, 1, 0, 0, 1, 100
        FROM generate_series(1, {notes}) n""",
    ),
    "error_groups": (
        "notes",
        """
        INSERT INTO error_groups (method, error_class, count, first_seen, last_seen, last_correlation_id)
        SELECT 'Repository.method' || n, 'Error' || n % 7, 1, now() - n * {step}, now() - n * {step}, ''
        FROM generate_series(1, 1000) n""",
    ),
}
# As random figures, which are the same each time.
SPREAD = "abs(hashtext('figure' || n)) % 1500"
# One in ten is good still, and stays so while all of this is looked at; few have been over for long.
EXPIRES = """
    CASE WHEN n % 20 < 2 THEN now() + interval '1 day' WHEN n % 200 = 7 THEN now() - interval '2 days'
        ELSE now() - n % 1400 * interval '1 minute' END"""
