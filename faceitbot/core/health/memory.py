"""Since when something is wrong, beyond the life of the process that looks.

Kept in the database and in Redis as well, so that either may be what is wrong.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from django.db import DatabaseError
from redis.exceptions import RedisError

from faceitbot.core import clock
from faceitbot.core.attempts import Plan, run
from faceitbot.core.cache.registry import server_of
from faceitbot.core.errors import FaceitBotError
from faceitbot.core.health.checks import BAD, Needs, State, Verdict
from faceitbot.core.models import HealthState

States = dict[str, tuple[str, datetime]]
SECONDS = 2.0
_KEY = "health:states"
KEPT_FOR = timedelta(days=30)  # since the last look
_AWAY = (FaceitBotError, DatabaseError, RedisError, OSError, ValueError)


def remember(verdicts: Sequence[Verdict], now: datetime | None = None) -> list[Verdict]:
    """Note what is wrong, and say of each verdict since when it is so.

    A store that does not answer is left out.
    """
    moment = now or clock.now()
    answering = [(store, known) for store in _stores(verdicts) if (known := _read(store)) is not None]
    stored: States = {}
    for _store, known in reversed(answering):
        stored |= known
    states: States = {}
    told = []
    for verdict in verdicts:
        before = stored.get(verdict.name)
        if verdict.state in BAD:
            since = verdict.since or (before[1] if before else moment)
            states[verdict.name] = verdict.state.value, since
            told.append(replace(verdict, since=since))
        else:
            if verdict.state == State.UNKNOWN and before:
                states[verdict.name] = before
            told.append(verdict)
    looked_at = {verdict.name for verdict in verdicts}
    states |= {name: state for name, state in stored.items() if name not in looked_at}
    for store, known in answering:
        if known != states:
            _write(store, states)
    return told


@dataclass(frozen=True)
class _Store:
    """A place for the states."""

    read: Callable[[], States]
    write: Callable[[States], None]


def _stores(verdicts: Sequence[Verdict]) -> list[_Store]:
    """Give the stores that may answer, the one to be believed first."""
    silent = {
        verdict.check.needs
        for verdict in verdicts
        if verdict.state == State.UNKNOWN or (verdict.check.vital and verdict.state == State.DOWN)
    }
    return [store for needs, store in _BY_NEED.items() if needs not in silent]


def _read(store: _Store) -> States | None:
    try:
        return store.read()
    except _AWAY:
        return None


def _write(store: _Store, states: States) -> None:
    with suppress(*_AWAY):
        store.write(states)


def _read_rows() -> States:
    rows = run(lambda: list(HealthState.objects.all()), _plan("read"))
    return {row.name: (row.state, row.since) for row in rows}


def _write_rows(states: States) -> None:
    run(partial(_replace_rows, states), _plan("write"))


def _read_redis() -> States:
    text = server_of("stats_cache").client.getex(_KEY, ex=KEPT_FOR)
    return _decoded(text) if text else {}


def _write_redis(states: States) -> None:
    encoded = {name: [state, since.isoformat()] for name, (state, since) in states.items()}
    server_of("stats_cache").client.set(_KEY, json.dumps(encoded), ex=KEPT_FOR)


def _replace_rows(states: States) -> None:
    HealthState.objects.exclude(name__in=states).delete()
    HealthState.objects.bulk_create(
        [HealthState(name=name, state=state, since=since) for name, (state, since) in states.items()],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["state", "since"],
    )


def _decoded(text: str | bytes) -> States:
    """Give what a text tells; one that is not ours tells nothing, and is written over."""
    try:
        return {
            name: (State(state).value, clock.aware(datetime.fromisoformat(since)))
            for name, (state, since) in json.loads(text).items()
        }
    except (FaceitBotError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _plan(what: str) -> Plan:
    return Plan(f"health.{what}", budget_seconds=SECONDS)


_BY_NEED = {
    Needs.DATABASE: _Store(_read_rows, _write_rows),
    Needs.CACHE: _Store(_read_redis, _write_redis),
}
