"""What a database error means: try again, the database is away, or the caller's value is wrong."""

from collections.abc import Callable
from typing import TypeVar, cast

import psycopg
from django.apps import apps
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)
from django.db.models import UniqueConstraint

from faceitbot.core.errors import (
    Conflict,
    DatabaseUnavailable,
    FaceitBotError,
    InvalidInput,
    OutcomeUnknown,
    Unavailable,
)

# Source: PostgreSQL manual, appendix A: deadlock_detected, serialization_failure, lock_not_available.
LOCK_NOT_AVAILABLE = "55P03"
TRANSIENT = {"40P01", "40001", LOCK_NOT_AVAILABLE}
_IDLE_IN_TRANSACTION = "25P03"
_DISK_FULL = "53100"
_READ_ONLY = "25006"
_QUERY_CANCELED = "57014"
_UNIQUE = "23505"
_FOREIGN_KEY = "23503"
_CONSTRAINT_CLASS = "23"

_SAME_NAMES: tuple[type[DatabaseError | InterfaceError], ...] = (
    DataError,
    OperationalError,
    IntegrityError,
    InternalError,
    ProgrammingError,
    NotSupportedError,
    InterfaceError,
)

C = TypeVar("C", bound=Conflict)
_named_conflicts: dict[str, tuple[type[Conflict], str]] = {}


def sqlstate(error: BaseException) -> str:
    """Give the five characters of PostgreSQL's error code, "" where there are none."""
    cause = error.__cause__ if isinstance(error, DatabaseError | InterfaceError) else error
    return (cause.sqlstate or "") if isinstance(cause, psycopg.Error) else ""


def as_django(error: psycopg.Error) -> DatabaseError | InterfaceError:
    """Give the error that Django raises for one of psycopg."""
    found: type[DatabaseError | InterfaceError] = DatabaseError
    for known in _SAME_NAMES:
        if isinstance(error, getattr(psycopg, known.__name__)):
            found = known
            break
    raised = found(*error.args)
    raised.__cause__ = error
    return raised


def translate(error: DatabaseError | InterfaceError) -> FaceitBotError | None:
    """Give the error of our tree that stands for it, or None: then it is a bug and stays what it is."""
    state = sqlstate(error)
    if state == _DISK_FULL:
        full = DatabaseUnavailable("PostgreSQL has no room left on its disk", sqlstate=state)
        full.code = "disk_full"
        return full
    if state == _READ_ONLY:
        closed = DatabaseUnavailable("PostgreSQL lets nobody write", sqlstate=state)
        closed.code = "read_only"
        return closed
    if state.startswith(_CONSTRAINT_CLASS):
        return _constraint_error(error, state)
    if isinstance(error, DataError):
        return InvalidInput(f"the database refused a value: {_first_line(error)}", sqlstate=state)
    if state == _QUERY_CANCELED:
        return DatabaseUnavailable("the statement took too long and was cancelled", sqlstate=state)
    if state == LOCK_NOT_AVAILABLE:
        return DatabaseUnavailable("somebody else holds a row of it for too long", sqlstate=state)
    if isinstance(error, OperationalError | InterfaceError) or state == _IDLE_IN_TRANSACTION:
        return DatabaseUnavailable(f"the database is not available: {_first_line(error)}", sqlstate=state)
    return None


def is_of_the_server(error: Exception) -> bool:
    """Say whether an error is the server's as a whole, and not that of one statement or row."""
    if not isinstance(error, Unavailable) or isinstance(error, OutcomeUnknown):
        return False
    return error.context.get("sqlstate") not in {_QUERY_CANCELED, LOCK_NOT_AVAILABLE}


def name_conflict(constraint: str, message: str) -> Callable[[type[C]], type[C]]:
    """Let the violation of a constraint be raised as the decorated class, wherever it happens."""

    def register(conflict: type[C]) -> type[C]:
        _named_conflicts[constraint] = conflict, message
        return conflict

    return register


def _constraint_error(error: DatabaseError | InterfaceError, state: str) -> FaceitBotError:
    diagnostics = cast("psycopg.Error", error.__cause__).diag
    table, constraint = diagnostics.table_name or "", diagnostics.constraint_name or ""
    if state == _UNIQUE:
        field = _unique_fields(table, constraint)
        taken = f"{table}: this {field} is taken"
        conflict, message = _named_conflicts.get(constraint, (Conflict, taken))
        return conflict(message, field=field, constraint=constraint)
    if state == _FOREIGN_KEY:
        return Conflict(f"{table}: rows of another table depend on it", constraint=constraint)
    field = diagnostics.column_name or constraint
    return InvalidInput(f"{table}: the value breaks {field}", field=field, constraint=constraint)


def _unique_fields(table: str, constraint: str) -> str:
    for model in apps.get_models():
        if model._meta.db_table == table:
            for known in model._meta.constraints:
                if isinstance(known, UniqueConstraint) and known.name == constraint:
                    return ", ".join(known.fields)
            if constraint == f"{table}_pkey":
                return model._meta.pk.name
    return constraint


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
