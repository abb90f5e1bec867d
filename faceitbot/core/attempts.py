"""Runs one body: tries again where that is safe, and says what happened where it is not."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from threading import Lock, local
from typing import TypeVar

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from psycopg import Connection
from psycopg_pool import PoolTimeout

from faceitbot.core.database_errors import LOCK_NOT_AVAILABLE, TRANSIENT, sqlstate, translate
from faceitbot.core.errors import DatabaseUnavailable, OutcomeUnknown
from faceitbot.core.monitoring.calls import Measured
from faceitbot.core.monitoring.database import CONFLICT, RECONNECTED, RETRIES
from faceitbot.core.stopping import refuse_when_stopped
from faceitbot.core.thread_values import during
from faceitbot.core.watchdog import silence, watchdog

R = TypeVar("R")

MAX_RETRIES = 3
_joining = local()
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Plan:
    """How a body wants to run. `budget_seconds` covers all its attempts together.

    A body that commits on its way is not `repeatable`: what it has done is done, and known only to it.
    """

    name: str
    atomic: bool = True
    repeatable: bool = True
    budget_seconds: float | None = None


@dataclass
class _Attempt:
    """What is known about one attempt; the raw connection is asked, for Django reconnects on its own."""

    raw: Connection | None = None
    reached_commit: bool = False
    committed: bool = False
    cut: bool = False
    hooks: Sequence[object] = ()

    @property
    def lost(self) -> bool:
        return self.raw is not None and self.raw.closed


def run(body: Callable[[], R], plan: Plan) -> R:
    """Run the body on this thread's connection.

    Errors: those of `faceitbot.core.errors`; `Stopped` when it is part of work that is to end; an error of
    the database that is none of them is a bug and leaves as it is.
    """
    refuse_when_stopped(plan.name)
    with Measured(plan.name):
        if connection.in_atomic_block:
            return _join(body, plan)
        return _run_alone(body, plan, time.monotonic())


@contextmanager
def without_savepoints() -> Iterator[None]:
    """Let the bodies that run in this block share one savepoint, or transaction, instead of each its own.

    To set and release them takes as long as many a body. But who fails undoes all that this block has done:
    no error of a body may be caught inside of it. Errors: `RuntimeError` where one was.
    """
    with transaction.atomic():
        with during(_joining, "as_one", value=True):
            yield
        if transaction.get_rollback():
            raise RuntimeError("the error of a body was caught, and the block is undone")


def _join(body: Callable[[], R], plan: Plan) -> R:
    """Run inside the caller's transaction; only that caller can run the whole of it again."""
    savepoint = not getattr(_joining, "as_one", False)
    try:
        with transaction.atomic(savepoint=savepoint) if plan.atomic else nullcontext():
            _stretch_timeout(plan)
            return body()
    except (DatabaseError, InterfaceError) as error:
        known = translate(error)
        if known is None:
            raise
        raise known from error


def _run_alone(body: Callable[[], R], plan: Plan, started: float) -> R:
    expires = started + (plan.budget_seconds or settings.TRANSACTION_BODY_SECONDS)
    retries = reconnections = 0
    while True:
        attempt = _Attempt()
        try:
            return _attempt(body, plan, attempt, expires)
        except (DatabaseError, InterfaceError, DatabaseUnavailable) as error:
            cause = _database_cause(error)
            if cause is None or attempt.committed:  # then it is an `on_commit` function's own
                raise
            state = sqlstate(cause)
            if (
                plan.repeatable
                and state in TRANSIENT
                and retries < MAX_RETRIES
                and has_time_for(state, expires)
            ):
                retries += 1
                RETRIES.labels(CONFLICT).inc()
                log.warning("transaction.retried", call=plan.name, sqlstate=state, retry=retries)
                time.sleep(seconds_before(retries))
                continue
            if attempt.lost:
                connection.close()
                if attempt.reached_commit:
                    _run_hooks_of_unknown_commit(attempt.hooks)
                    raise OutcomeUnknown("the connection was lost during COMMIT", call=plan.name) from cause
                if plan.repeatable and not attempt.cut and not reconnections:
                    reconnections += 1
                    RETRIES.labels(RECONNECTED).inc()
                    log.warning("transaction.reconnected", call=plan.name)
                    _drop_stale_connections()
                    continue
            known = translate(cause)
            if known is None and attempt.lost:
                known = DatabaseUnavailable("the connection was lost", sqlstate=state)
            if known is None:
                raise
            raise known from cause


def _attempt(body: Callable[[], R], plan: Plan, attempt: _Attempt, expires: float) -> R:
    if silence.is_open():
        raise DatabaseUnavailable("the database has stopped answering", call=plan.name)
    try:
        connection.ensure_connection()
    except OperationalError as error:
        if isinstance(error.__cause__, PoolTimeout):
            silence.trip()  # there are as many connections as threads: the server gives none
        raise
    attempt.raw = connection.connection
    with watchdog.guard(attempt.raw, expires) as guard:
        try:
            if not plan.atomic:
                return body()
            with transaction.atomic(), _dropping_lost_connection(attempt):
                _stretch_timeout(plan)
                transaction.on_commit(partial(setattr, attempt, "committed", True))
                result = body()
                attempt.hooks = [entry[1] for entry in connection.run_on_commit]
                attempt.reached_commit = True
            return result
        finally:
            attempt.cut = guard.fired


def _run_hooks_of_unknown_commit(hooks: Sequence[object]) -> None:
    """Run those hooks of a transaction that are due when it has committed, and harmless when not.

    The server may be about to commit: for as long as it may, they keep up what they do.
    """
    for hook in hooks:
        if callable(hook) and getattr(hook, "even_if_commit_is_unknown", False):
            try:
                hook(hold_seconds=unknown_seconds())
            except Exception:  # the caller must learn that the outcome is unknown, whatever else fails
                log.exception("hook.failed", hook=type(hook).__name__)


@contextmanager
def _dropping_lost_connection(attempt: _Attempt) -> Iterator[None]:
    """Close a lost connection while `atomic` is open: its exit would connect anew, and wait for that."""
    try:
        yield
    except BaseException:
        if attempt.lost:
            connection.close()
        raise


def _database_cause(error: BaseException) -> DatabaseError | InterfaceError | None:
    """Give the database's own error, also where a joined method has translated it already."""
    found = error if isinstance(error, DatabaseError | InterfaceError) else error.__cause__
    return found if isinstance(found, DatabaseError | InterfaceError) else None


def has_time_for(state: str, expires: float) -> bool:
    """Say whether another attempt can end by itself: cut off, it would look like a frozen server."""
    needed = settings.DATABASE_LOCK_SECONDS + 1 if state == LOCK_NOT_AVAILABLE else 0
    return time.monotonic() + needed < expires


def seconds_before(retry: int) -> float:
    """Give how long to wait before a retry, so that who stood in each other's way do not meet again."""
    return random.uniform(0.005, 0.02) * 2.0**retry  # noqa: S311 - jitter, not a secret


def unknown_seconds() -> float:
    """Give for how long a COMMIT whose connection was lost may still take effect."""
    return float(settings.TRANSACTION_BODY_SECONDS + settings.DATABASE_STATEMENT_SECONDS)


def _stretch_timeout(plan: Plan) -> None:
    """Let the statements of a body over many rows, and what it does between them, take as long as the body.

    Ends with the transaction.
    """
    if plan.budget_seconds:
        milliseconds = str(round(plan.budget_seconds * 1000))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('statement_timeout', %s, true),"
                " set_config('idle_in_transaction_session_timeout', %s, true)",
                [milliseconds, milliseconds],
            )


_drain_lock = Lock()
_drained_at = 0.0


def _drop_stale_connections() -> None:
    """Replace the pool's idle connections, at most once a second for all threads: after a restart of the
    server each of them is stale, and each would cost somebody an error.
    """
    global _drained_at  # noqa: PLW0603 - shared by the threads of the process
    pool = getattr(connection, "pool", None)  # only PostgreSQL's wrapper has one
    if pool is None:
        return
    with _drain_lock:
        if time.monotonic() - _drained_at > 1:
            _drained_at = time.monotonic()
            pool.drain()
