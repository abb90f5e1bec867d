"""SQL that makes a table append-only, for use in migrations."""

from django.db.migrations import RunSQL

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
