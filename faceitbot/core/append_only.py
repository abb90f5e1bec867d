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


def make_append_only(table: str) -> RunSQL:
    """Give the operation after which `table` takes INSERT and nothing else."""
    return RunSQL(
        [
            _REFUSE_CHANGE,
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            f"CREATE TRIGGER {table}_keep BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        ],
        [f"DROP TRIGGER {table}_append_only ON {table}", f"DROP TRIGGER {table}_keep ON {table}"],
    )
