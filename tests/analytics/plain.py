"""The figures as plain SQL over the raw rows gives them, for comparison."""

from django.db import connection

# Of each count: the table, its moment, what is computed, what is left out.
COUNTS = {
    "active_users": ("user_activity", "hour", "count(DISTINCT user_id)", "true"),
    "requests": ("user_activity", "hour", "sum(requests)", "true"),
    "new_users": ("users", "created_at", "count(*)", "true"),
    "analyses": ("match_analyses", "analysed_at", "count(*)", "true"),
    "cache_hits": ("match_analyses", "analysed_at", "count(*)", "cached_data_used"),
    "times": ("match_analyses", "analysed_at", "count(processing_time_ms)", "true"),
    "times_sum": ("match_analyses", "analysed_at", "sum(processing_time_ms)", "true"),
    "times_max": ("match_analyses", "analysed_at", "max(processing_time_ms)", "true"),
    "revenue": ("payments", "completed_at", "sum(amount)", "true"),
    "payments": ("payments", "completed_at", "count(*)", "true"),
    "renewals": ("payments", "completed_at", "count(*)", "charge_kind = 'renewal'"),
    "refunds": ("payments", "refunded_at", "sum(amount)", "true"),
    "refunded_payments": ("payments", "refunded_at", "count(*)", "true"),
    "errors": ("metrics", "timestamp", "count(*)", "name = 'request.failed'"),
    "events": ("metrics", "timestamp", "count(*)", "true"),
}
PLAN = "SELECT p.tier || '_' || o.duration, sum(p.amount) FROM payments p JOIN orders o ON o.id = p.order_id"


def total(name, start, end):
    """Give the figure of a range."""
    table, at, value, only = COUNTS[name]
    rows = _rows(f"SELECT {value} FROM {table} WHERE {only} AND {at} >= %s AND {at} < %s", start, end)
    return int(rows[0][0] or 0)


def series(name, start, end, span, zone):
    """Give {first moment of a bucket: its figure}, of those that are not 0."""
    table, at, value, only = COUNTS[name]
    zone = "UTC" if span == "hour" else zone
    bucket = f"date_trunc('{span}', {at}, '{zone}')"
    query = f"SELECT {bucket}, {value} FROM {table} WHERE {only} AND {at} >= %s AND {at} < %s GROUP BY 1"
    return {begin: int(figure) for begin, figure in _rows(query, start, end) if figure}


def percentile(percent):
    """Give the processing time that so many percent do not exceed."""
    rank = f"percentile_disc({percent / 100}) WITHIN GROUP (ORDER BY processing_time_ms)"
    return _rows(f"SELECT {rank} FROM match_analyses")[0][0]


def revenue_by_plan(start, end):
    """Give the revenue of each plan."""
    return dict(_rows(f"{PLAN} WHERE p.completed_at >= %s AND p.completed_at < %s GROUP BY 1", start, end))


def _rows(query, *values):
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()
