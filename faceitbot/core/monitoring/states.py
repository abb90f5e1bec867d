"""The verdicts of the health checks, of whoever looks at all of them again and again."""

from collections.abc import Iterable

from prometheus_client import Gauge

from faceitbot.core.health.checks import State, Verdict

STATE = Gauge(
    "faceitbot_check_state",
    "What the last look has found: 1 for the state, 0 for others.",
    ["check", "state"],
)


def note_verdicts(verdicts: Iterable[Verdict]) -> None:
    """Keep what was found."""
    for verdict in verdicts:
        for state in State:
            STATE.labels(verdict.name, state.value).set(state == verdict.state)
