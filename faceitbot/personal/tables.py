"""What the tables that belong to no domain hold about people: logs of what staff did, and imports."""

from collections.abc import Iterator
from datetime import datetime

from django.contrib.admin.models import LogEntry
from django.db.models import Q

from faceitbot.core import personal
from faceitbot.core.append_only import ERASURE
from faceitbot.core.models import AuditEntry, ErrorGroup, HealthState, JobRun, ProcessSample, SentForm, Switch
from faceitbot.core.personal import Person, PersonalTable
from faceitbot.models import ImportRefusal, ImportRun, UndecidedAccess
from faceitbot.personal.naming import names_of, pattern_of


def _audited(person: Person) -> Q:
    # Staff may have named him in the reason of something that is not his: a sync of Telegram's list, or a
    # payment of which nobody knows any more that he paid it.
    found = Q(reason__regex=pattern_of(names_of(person)))
    for table, keys in _rows_of(person):
        about_him = Q(object_label=table.model._meta.label_lower, object_id__in=keys)
        found |= about_him & ~Q(action=ERASURE)  # why he was erased is kept, and does not name him
    return found


def _logged(person: Person) -> Q:
    pattern = pattern_of(names_of(person))
    found = Q(object_repr__regex=pattern) | Q(change_message__regex=pattern)
    for table, keys in _rows_of(person):
        label, name = table.model._meta.app_label, table.model._meta.model_name
        found |= Q(content_type__app_label=label, content_type__model=name, object_id__in=keys)
    return found


def _rows_of(person: Person) -> Iterator[tuple[PersonalTable, list[str]]]:
    """Give the keys of a person's rows in all tables but the logs, which are found by them."""
    for table in personal.tables():
        if table not in LOGS and not table.has_many_columns_as_key:
            keys = [str(key) for key in table.rows(person).values_list("pk", flat=True)]
            if keys:
                yield table, keys


def _told_of(person: Person) -> Q:
    return Q(telegram_id=person.telegram_id)


def _imported(before: datetime) -> Q:
    return Q(run__started_at__lt=before)


LOGS = (
    PersonalTable(
        AuditEntry,
        also=_audited,
        words=("reason",),
        # States, numbers and ids of ours; nobody writes personal data into them.
        kept=("before", "after"),
        impersonal=("id", "at", "actor_id", "action", "object_label", "object_id", "correlation_id"),
    ),
    PersonalTable(
        LogEntry,
        also=_logged,
        words=("object_repr", "change_message"),
        impersonal=("id", "action_time", "user_id", "content_type_id", "object_id", "action_flag"),
    ),
)
TABLES = (
    *LOGS,
    *(
        PersonalTable(
            model,
            also=_told_of,
            cleared=("telegram_id", "sentence"),
            # A record whose id is unreadable is found by nobody's id, but by its age.
            forgotten=("telegram_id", "sentence"),
            over=_imported,
            impersonal=("id", "run_id", "record", "line", "code"),
        )
        for model in (ImportRefusal, UndecidedAccess)
    ),
)
NOBODYS = (
    PersonalTable(
        ImportRun,
        impersonal=("id", "file_name", "sha256", "as_of", "state", "counts", "started_at", "finished_at"),
    ),
    PersonalTable(Switch, impersonal=("name", "on", "changed_at")),
    PersonalTable(SentForm, impersonal=("token", "actor_id", "at", "done", "refused")),
    PersonalTable(
        JobRun,
        impersonal=(
            *("id", "name", "started_at", "ended_at", "outcome", "figures", "process", "alive_until"),
            *("correlation_id", "error"),  # of an error of ours its sentence, of others their class
        ),
    ),
    PersonalTable(HealthState, impersonal=("name", "state", "since")),
    PersonalTable(
        ProcessSample,
        impersonal=(
            *("id", "at", "kind", "process", "seconds", "calls", "failed", "durations", "cache_hits"),
            *("cache_misses", "waiting_calls", "websocket_clients", "event_loop_lag_ms", "memory_bytes"),
        ),
    ),
    PersonalTable(
        ErrorGroup,
        impersonal=(
            *("id", "method", "error_class", "count", "first_seen", "last_seen", "last_correlation_id"),
            "mailed_at",
        ),
    ),
)


def register() -> None:
    """Declare the tables."""
    personal.register([*TABLES, *NOBODYS])
