"""How business events become rows: behind the caller's back, or at once where the setting says so."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import connection, connections

from analytics.metric_rows import MAX_TAG_LENGTH, MetricRow, line_of, metric_row
from analytics.models.metrics import FAILED_REQUEST, KIND, USER
from analytics.write_behind import WriteBehind
from faceitbot.core import workers
from faceitbot.core.attempts import Plan, run
from faceitbot.core.errors import OutcomeUnknown, Unavailable
from faceitbot.core.hot_settings import hot_settings
from faceitbot.core.ids import row_id
from faceitbot.core.monitoring.losses import note_lost
from faceitbot.core.observability import emit
from faceitbot.core.statements.ways import count_batch
from faceitbot.core.text import clean_text

# How many metrics were lost, and why: `overload` when more came than could be written, `database` when there
# was none to write to.
LOST = "metric.lost"
REASON = "reason"
_COPY = f"COPY metrics ({', '.join(MetricRow._fields)}) FROM STDIN"
_PLAN = Plan("metrics.write")


class MetricWriter:
    """Writes batches of metrics, each of them once, for a thread of its own.

    Metrics come as lines of COPY: what is left to do here takes next to no time of the interpreter, which
    an event loop of the same process would have to wait for.

    When the connection breaks during COMMIT, the batch is given again; whether it was written then, the
    server knows by the transaction's id.
    """

    def __init__(self) -> None:
        self._transaction = ""
        self._in_doubt: Sequence[bytes] | None = None

    def write(self, lines: Sequence[bytes]) -> None:
        """Write a batch whole or not at all, and give the thread's connection back.

        Errors: `Unavailable`; the same batch is to come again then.
        """
        try:
            if lines is self._in_doubt and run(self._has_committed, _PLAN):
                return
            self._in_doubt = None
            run(partial(self._copy, lines), _PLAN)
            count_batch(_PLAN.name, len(lines))
        except OutcomeUnknown:
            self._in_doubt = lines
            raise
        finally:
            connections.close_all()

    def _copy(self, lines: Sequence[bytes]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text")
            self._transaction = cursor.fetchone()[0]
        copy_lines(lines)

    def _has_committed(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_xact_status(%s::xid8)", [self._transaction])
            status = cursor.fetchone()[0]
        if status == "in progress":
            raise Unavailable("the transaction of these metrics is still under way")
        return bool(status == "committed")


def copy_lines(lines: Sequence[bytes]) -> None:
    """Write metrics, each a line of COPY, in the open transaction."""
    # Django does not translate the driver's errors of COPY by itself.
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(_COPY) as copy:
        copy.write(b"".join(lines))


def _lost(reason: str, number: int) -> bytes:
    return line_of(metric_row(LOST, number, tags={REASON: reason}))


waiting = WriteBehind(MetricWriter().write, _lost, settings.METRICS_MOST_WAITING, note_lost)


def record(name: str, value: float, tags: Mapping[str, str]) -> None:
    """Take an event of `emit`: the row is written soon, by another thread.

    With METRICS_IMMEDIATE it is written before this returns; an event loop stands still meanwhile.
    Errors: `InvalidInput` for what is no metric; with METRICS_IMMEDIATE, `Unavailable`.
    """
    line = line_of(metric_row(name, value, tags=tags))
    if not hot_settings.METRICS_IMMEDIATE:
        waiting.put(line)
        return
    body = partial(run, partial(copy_lines, [line]), _PLAN)
    if _on_event_loop():
        workers.workers().submit(body).result()
    else:
        body()


def record_failure(user_id: UUID, kind: str) -> None:
    """Report that a request of a user failed, `kind` saying how; from a thread, a command or a coroutine.

    Errors: `InvalidInput` unless the id is a UUID and the kind a text.
    """
    tags = {USER: str(row_id(user_id, "user_id")), KIND: clean_text(kind, KIND, MAX_TAG_LENGTH)}
    emit(FAILED_REQUEST, tags=tags)


def _on_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
