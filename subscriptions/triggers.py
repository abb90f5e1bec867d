"""SQL that keeps the facts of a table, for use in migrations."""

from collections.abc import Sequence

from django.db.migrations import RunSQL

# The comparison is of whole rows as JSON without the columns that may change: a column that is added later is
# a fact until somebody says otherwise.
_FUNCTION = """
CREATE OR REPLACE FUNCTION {table}_keep_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        -- Tests empty their database between cases; no other database may be emptied.
        IF current_database() LIKE 'test\\_%' THEN RETURN NULL; END IF;
    ELSIF TG_OP = 'UPDATE' AND OLD.{once} IS NULL
        AND to_jsonb(OLD) - {changeable} = to_jsonb(NEW) - {changeable} THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% on {table} is refused: its rows are facts', TG_OP
        USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_facts';
END $$;
"""
_TRIGGER = """
CREATE TRIGGER {table}_{name} BEFORE {events} ON {table} FOR EACH {each}
    EXECUTE FUNCTION {table}_keep_facts()
"""


def keep_facts(table: str, changeable: Sequence[str], once: str) -> RunSQL:
    """Give the operation after which rows of a table are never deleted, and only some columns change.

    The columns may change as long as `once` is NULL: when it is set, the row is final.
    """
    array = f"ARRAY[{', '.join(repr(name) for name in changeable)}]"
    return RunSQL(
        [
            _FUNCTION.format(table=table, changeable=array, once=once),
            _TRIGGER.format(table=table, name="facts", events="UPDATE OR DELETE", each="ROW"),
            _TRIGGER.format(table=table, name="keep", events="TRUNCATE", each="STATEMENT"),
        ],
        [
            f"DROP TRIGGER {table}_facts ON {table}",
            f"DROP TRIGGER {table}_keep ON {table}",
            f"DROP FUNCTION {table}_keep_facts",
        ],
    )
