"""The processes, by the rows that each of them writes of itself every ten seconds."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.conf import settings
from django.db.models import Count, Max, Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faceitbot.core import clock
from faceitbot.core.display import decimal, digits
from faceitbot.core.health.checks import Check, Finding, Needs, State, spoken
from faceitbot.core.health.database import reading
from faceitbot.core.models import ProcessKind, ProcessSample
from faceitbot.core.monitoring.samples import LIVES

PATIENCE = timedelta(minutes=1)  # a process may be replaced by another one
LATE_MS = 500.0
ENOUGH_ROWS = 5  # within a minute, all of them
AN_HOUR = timedelta(hours=1)
GROWING_HOURS = 6  # in each of which it has grown, and by how much in all:
GROWN_BY, GROWN_BYTES = 1.25, 128 * 1024 * 1024
AROUND = timedelta(seconds=30)
_MIB = 1024 * 1024
# The one first whose absence hurts most.
_KINDS = (ProcessKind.BOT, ProcessKind.JOBS, ProcessKind.WEB)


def _processes() -> Finding:
    """Look whether each kind that has been there is there still; who has never been is not missed."""
    found = reading("processes", _last_of_each_kind)
    now = clock.now()
    gone = [kind for kind in _KINDS if kind in found and now - found[kind] > PATIENCE]
    if gone:
        text = spoken(lambda: _("Nothing is heard of: %(kinds)s.") % {"kinds": _labels(gone)})
        return Finding(State.DOWN, text, found[gone[0]], next_step=f"systemctl status '{_unit(gone[0])}'")
    if not found:
        return Finding(State.FINE, spoken(lambda: _("No process has told of itself yet.")))
    alive = [kind for kind in _KINDS if kind in found]
    return Finding(State.FINE, spoken(lambda: _("Alive: %(kinds)s.") % {"kinds": _labels(alive)}))


def _last_of_each_kind() -> dict[ProcessKind, datetime]:
    last = {}
    for kind in ProcessKind:
        row = ProcessSample.objects.filter(kind=kind).order_by("-at").values_list("at", flat=True).first()
        if row is not None:
            last[kind] = row
    return last


def _event_loops() -> Finding:
    """Look for a process whose event loop was late in each row of the last minute."""
    late = reading("event_loops", lambda: _above_all_the_time("event_loop_lag_ms", LATE_MS))
    if late is None:
        return Finding(State.FINE, spoken(lambda: _("Event loops answer at once.")))
    text = spoken(
        lambda: (
            _("The event loop of %(process)s is %(seconds)s s late, all the time.")
            % {"process": _name(late.kind, late.process), "seconds": decimal(late.least / 1000, 1)}
        )
    )
    return Finding(State.DEGRADED, text, late.since, next_step=f"top -H -p {late.process.rpartition(':')[2]}")


def _waiting_calls() -> Finding:
    """Look for a process that had more calls under way than threads in each row of the last minute.

    What is more than that waits: for a thread, or for a statement that calls share.
    """
    most = settings.TRANSACTION_THREADS
    full = reading("waiting_calls", lambda: _above_all_the_time("waiting_calls", most))
    if full is None:
        return Finding(State.FINE, spoken(lambda: _("No calls wait for long.")))
    text = spoken(
        lambda: (
            _("%(process)s has %(n)s calls under way, all the time, and takes up %(most)s at once.")
            % {"process": _name(full.kind, full.process), "n": digits(int(full.least)), "most": digits(most)}
        )
    )
    return Finding(State.DEGRADED, text, full.since)


@dataclass(frozen=True)
class _Above:
    """A process that is above what is good in all its rows of the last minute, and by how much at least."""

    kind: str
    process: str
    least: float
    since: datetime | None


def _above_all_the_time(column: str, most: float) -> _Above | None:
    now = clock.now()
    rows = ProcessSample.objects.filter(at__gt=now - AN_HOUR, at__lte=now)
    found = (
        rows.filter(at__gt=now - PATIENCE)
        .values_list("kind", "process")
        .annotate(least=Min(column), rows=Count("pk"))
        .filter(least__gt=most, rows__gte=ENOUGH_ROWS)
        .order_by("-least")
        .first()
    )
    if found is None:
        return None
    kind, process, least, _rows = found
    own = rows.filter(process=process).order_by("at")
    good = own.filter(**{f"{column}__lte": most}).last()
    first = (own.filter(at__gt=good.at) if good else own).first()
    return _Above(kind, process, least, first.at if first else None)


def _memory() -> Finding:
    """Look for a process that has taken more memory in each of the last hours, and much more in all.

    A row tells of the most that the process has had, so who needs much once does not grow afterwards.
    """
    now = clock.now()
    grown = [process for process in reading("memory", lambda: _by_hours(now)).items() if _grows(process[1])]
    if not grown:
        return Finding(State.FINE, spoken(lambda: _("No process takes more and more memory.")))
    (kind, process), sizes = max(grown, key=lambda each: each[1][0] - each[1][-1])
    values = {
        "process": _name(kind, process),
        "before": digits(sizes[-1] // _MIB),
        "now": digits(sizes[0] // _MIB),
        "hours": GROWING_HOURS,
    }
    text = spoken(
        lambda: (
            _("%(process)s has grown from %(before)s to %(now)s MiB within %(hours)s h, and goes on.")
            % values
        )
    )
    unit = f"faceitbot-{kind}" if kind != ProcessKind.WEB else "faceitbot-web@PORT"
    return Finding(State.DEGRADED, text, now - GROWING_HOURS * AN_HOUR, next_step=f"systemctl restart {unit}")


def _by_hours(now: datetime) -> dict[tuple[str, str], list[int]]:
    """Give the memory of each process now, an hour ago, and so on, as far as it has told."""
    found: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for hours in range(GROWING_HOURS + 1):
        at = now - hours * AN_HOUR
        rows = ProcessSample.objects.filter(at__gt=at - LIVES - AROUND, at__lte=at)
        sizes = rows.values_list("kind", "process").annotate(bytes=Max("memory_bytes"))
        for kind, process, size in sizes:
            if len(found[kind, process]) == hours:
                found[kind, process].append(size)
    return found


def _grows(sizes: list[int]) -> bool:
    """Say whether the sizes, the newest first, have become greater each hour, and much greater in all."""
    grew_each_hour = all(later > earlier for later, earlier in pairwise(sizes))
    return (
        len(sizes) > GROWING_HOURS
        and grew_each_hour
        and sizes[0] > sizes[-1] * GROWN_BY
        and sizes[0] - sizes[-1] > GROWN_BYTES
    )


def _labels(kinds: Iterable[ProcessKind]) -> str:
    return ", ".join(str(kind.label) for kind in kinds)


def _name(kind: str, process: str) -> str:
    return f"{ProcessKind(kind).label} ({process})"


def _unit(kind: ProcessKind) -> str:
    return f"faceitbot-{kind}" + ("@*" if kind == ProcessKind.WEB else "")


CHECKS = (
    Check(
        "processes",
        gettext_lazy("Processes"),
        _processes,
        gettext_lazy(
            "What the others do: without the bot, pages and jobs; without jobs, selling, access and limits, "
            "which go by the clock."
        ),
        "systemctl status 'faceitbot-*'",
        Needs.DATABASE,
    ),
    Check(
        "event_loops",
        gettext_lazy("Event loops"),
        _event_loops,
        gettext_lazy(
            "Everything, but all that this process answers comes late; other processes are in time."
        ),
        "top -H",
        Needs.DATABASE,
    ),
    Check(
        "waiting_calls",
        gettext_lazy("Waiting calls"),
        _waiting_calls,
        gettext_lazy("Everything, but what this process answers comes late, and may be refused."),
        "psql \"$DATABASE_URL\" -c 'SELECT pid, state, query_start, query FROM pg_stat_activity'",
        Needs.DATABASE,
    ),
    Check(
        "process_memory",
        gettext_lazy("Memory of processes"),
        _memory,
        gettext_lazy("Everything, as long as the machine has memory left."),
        "systemctl status 'faceitbot-*'",
        Needs.DATABASE,
    ),
)
