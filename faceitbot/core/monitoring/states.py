"""The verdicts of the health checks, of whoever looks at all of them again and again."""

from collections.abc import Iterable

from prometheus_client import Gauge

from faceitbot.core.health.checks import State, Verdict

STATE = Gauge(
    "faceitbot_check_state",
    "What the last look has found: 1 for the state, 0 for others.",
    ["check", "state"],
)
# States stay as they were found last, so whoever reads them has to know when that was.
LOOKED_AT = Gauge(
    "faceitbot_checks_last_look_timestamp_seconds",
    "When the checks were looked at last; 0 in processes that do not look.",
)


def note_verdicts(verdicts: Iterable[Verdict]) -> None:
    """Keep what was found."""
    for verdict in verdicts:
        for state in State:
            STATE.labels(verdict.name, state.value).set(state == verdict.state)
    LOOKED_AT.set_to_current_time()
