"""Turns what stops a command into one sentence and the exit code that belongs to it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from django.core.management.base import CommandError
from django.db import DatabaseError, InterfaceError

from faceitbot.core.database_errors import sqlstate, translate
from faceitbot.core.errors import FaceitBotError, Unavailable
from faceitbot.core.exit_codes import INTERRUPTED, REFUSED, UNAVAILABLE

# Source: PostgreSQL manual, appendix A: undefined_table, undefined_column.
_NOT_MIGRATED = {"42P01", "42703"}


class Sentences(NamedTuple):
    """How a command says that it has refused everything, and what running it again does."""

    refused: str
    again: str = "run it again"


@contextmanager
def exit_codes(sentences: Sentences, *refusals: type[FaceitBotError]) -> Iterator[None]:
    """End a command as `faceitbot.core.exit_codes` says; `refusals` are errors of its input."""
    again = sentences.again
    try:
        yield
    except KeyboardInterrupt:
        raise CommandError(f"Interrupted; {again}.", returncode=INTERRUPTED) from None
    except refusals as error:
        raise CommandError(f"{sentences.refused}: {error}.", returncode=REFUSED) from error
    except FaceitBotError as error:
        raise CommandError(f"Stopped: {error}; {again}.", returncode=UNAVAILABLE) from error
    except (DatabaseError, InterfaceError) as error:
        if sqlstate(error) in _NOT_MIGRATED:
            sentence = "The tables of this version are not there; run `manage.py migrate` first."
            raise CommandError(sentence, returncode=REFUSED) from error
        meant = translate(error)
        if not isinstance(meant, Unavailable):
            raise
        raise CommandError(f"Stopped: {meant}; {again}.", returncode=UNAVAILABLE) from error
    except sqlite3.Error as error:
        sentence = f"Stopped: a temporary file failed ({error}); {again}."
        raise CommandError(sentence, returncode=UNAVAILABLE) from error
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}.", returncode=REFUSED) from error
