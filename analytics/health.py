"""Whether what the bot stands on answers, and whether sums are made in time."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from redis.exceptions import RedisError

from analytics.rollups.reading import History
from faceitbot.core import clock
from faceitbot.core.cache.registry import server_of
from faceitbot.core.health import registry
from faceitbot.core.health.checks import Check, Finding, Needs, State, spoken
from faceitbot.core.health.database import reading

OK, AWAY = "ok", "away"
# An hour is summed up a little after its end, by a job that comes every ten minutes.
BEHIND, FAR_BEHIND = timedelta(hours=2), timedelta(hours=26)


def of_redis() -> str:
    """Say "ok" or "away"; a server that this process takes for silent is not waited for."""
    server = server_of("stats_cache")
    if not server.state.is_usable():
        return AWAY
    try:
        server.run([("PING",)])
    except (RedisError, OSError):
        return AWAY
    return OK


def _roll_ups() -> Finding:
    now = clock.now()
    until = reading("roll_ups", lambda: History.read().summed_up_until())
    if until is None:
        return Finding(State.DEGRADED, spoken(lambda: _("Nothing has been summed up yet.")))
    hours = (now - until) / timedelta(hours=1)
    text = spoken(lambda: _("Sums end %(hours)s h ago.") % {"hours": f"{hours:.1f}"})
    if now - until <= BEHIND:
        return Finding(State.FINE, text)
    state = State.DOWN if now - until > FAR_BEHIND else State.DEGRADED
    return Finding(state, text, since=until)


CHECKS = (
    Check(
        "roll_ups",
        gettext_lazy("Roll-ups"),
        _roll_ups,
        gettext_lazy("Everything: figures are right without them, only slower."),
        "python manage.py run_jobs --once update_rollups",
        Needs.DATABASE,
    ),
)


def register() -> None:
    """Add them to the list."""
    registry.register(*CHECKS)
