"""Append-only tables: the SQL that makes them so, for use in migrations, and how their words may go."""

import json
from collections.abc import Mapping

from django.db import connection
from django.db.migrations import RunSQL

from faceitbot.core.models import AuditEntry

ERASURE = "user.erased"  # the action of the entry in whose name words go; `ONLY_ERASED` has it, too

_REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Tests empty their database between cases; no other database may be emptied.
    IF TG_OP = 'TRUNCATE' AND current_database() LIKE 'test\\_%' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% on % is refused: the table is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;
"""
_TRIGGER = """
CREATE TRIGGER {table}_{name} BEFORE {events} ON {table} FOR EACH {each} EXECUTE FUNCTION refuse_change()
"""


def make_append_only(table: str) -> RunSQL:
    """Give the operation after which `table` takes INSERT and nothing else."""
    return RunSQL(
        [
            _REFUSE_CHANGE,
            _TRIGGER.format(name="append_only", events="UPDATE OR DELETE", table=table, each="ROW"),
            _TRIGGER.format(name="keep", events="TRUNCATE", table=table, each="STATEMENT"),
        ],
        [f"DROP TRIGGER {table}_append_only ON {table}", f"DROP TRIGGER {table}_keep ON {table}"],
    )


# Whether a row differs from what it was in nothing but columns that now have the value for nobody, while the
# person is erased. `begin_erasing` names the entry that says so; the database itself sees that the entry was
# written since this transaction began, and that the row is about the person: one of its columns is his key.
# Entries of the log are let go whomever they are about, for their reasons may name anybody.
ONLY_ERASED = """
CREATE OR REPLACE FUNCTION only_erased(before jsonb, after jsonb, erased jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    person text;
BEGIN
    SELECT object_id INTO person FROM audit_entries
        WHERE id = nullif(current_setting('faceitbot.erasure', true), '')::bigint
            AND action = 'user.erased' AND age(xmin) <= age(pg_current_xact_id()::xid);
    RETURN FOUND
        AND (before ? 'object_label' OR EXISTS (SELECT FROM jsonb_each_text(before) WHERE value = person))
        AND NOT EXISTS (
            SELECT FROM jsonb_each(after)
            WHERE value IS DISTINCT FROM before -> key AND value IS DISTINCT FROM erased -> key
        );
END $$;
"""
_REFUSE_CHANGE_BUT_ERASING = _REFUSE_CHANGE.replace(
    "    RAISE",
    """    -- The trigger's argument names the words that go when a person is erased.
    IF TG_OP = 'UPDATE' AND TG_NARGS > 0 THEN
        IF only_erased(to_jsonb(OLD), to_jsonb(NEW), TG_ARGV[0]::jsonb) THEN RETURN NEW; END IF;
    END IF;
    RAISE""",
)
_ARGUMENT = "EXECUTE FUNCTION refuse_change({})"


def let_erase(table: str, erased: Mapping[str, str | None]) -> RunSQL:
    """Give the operation after which erasing a person may empty columns of an append-only table.

    `erased` names them, each with the value that says nothing about anybody.
    """
    before = _TRIGGER.format(name="append_only", events="UPDATE OR DELETE", table=table, each="ROW")
    after = before.replace(_ARGUMENT.format(""), _ARGUMENT.format(f"'{json.dumps(erased)}'"))
    drop = f"DROP TRIGGER {table}_append_only ON {table}"
    return RunSQL(
        [ONLY_ERASED, _REFUSE_CHANGE_BUT_ERASING, drop, after],
        [drop, before, _REFUSE_CHANGE],
    )


# The trigger's arguments name the moment of a row, and how old it must be.
_REFUSE_CHANGE_OF_RECENT = """
CREATE OR REPLACE FUNCTION refuse_change_of_recent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF (to_jsonb(OLD) ->> TG_ARGV[0])::timestamptz < clock_timestamp() - TG_ARGV[1]::interval THEN
            RETURN OLD;
        END IF;
    END IF;
    -- Tests empty their database between cases; no other database may be emptied.
    IF TG_OP = 'TRUNCATE' AND current_database() LIKE 'test\\_%' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% on % is refused: only rows older than % may go', TG_OP, TG_TABLE_NAME, TG_ARGV[1]
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;
"""


def make_append_only_until_old(table: str, column: str, days: int) -> RunSQL:
    """Give the operation after which `table` takes INSERT, and DELETE of rows that are older.

    `column` is the moment of a row. The days hold whatever a setting says.
    """
    triggers = [
        _TRIGGER.format(name=name, events=events, table=table, each=each).replace(
            "refuse_change()", f"refuse_change_of_recent('{column}', '{days} days')"
        )
        for name, events, each in (
            ("append_only", "UPDATE OR DELETE", "ROW"),
            ("keep", "TRUNCATE", "STATEMENT"),
        )
    ]
    return RunSQL(
        [_REFUSE_CHANGE_OF_RECENT, *triggers],
        [f"DROP TRIGGER {table}_append_only ON {table}", f"DROP TRIGGER {table}_keep ON {table}"],
    )


def begin_erasing(entry: AuditEntry) -> None:
    """Let the words about a person go until the transaction ends, in the name of the entry that says so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('faceitbot.erasure', %s, true)", [str(entry.pk)])
