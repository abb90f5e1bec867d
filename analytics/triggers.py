"""SQL that notes the hours that something comes late for, for use in migrations."""

from django.db.migrations import RunSQL

# Whoever makes sums holds the lock alone while he says how far: either he sees the row that comes late, or
# this sees how far he goes. An hour is noted as often as something comes: writers of one hour must not wait
# for each other.
_OF_ROWS = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('faceitbot.folding', true) = 'on' THEN RETURN NULL; END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('roll-ups', 0));
    IF NEW.{column} < (SELECT max(until) FROM roll_up_watermarks) THEN
        INSERT INTO roll_up_late_hours (source, hour)
        VALUES ('{table}.{column}', date_trunc('hour', NEW.{column}, 'UTC'));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER {name}_added AFTER INSERT ON {table} FOR EACH ROW
    WHEN (NEW.{column} < date_trunc('hour', clock_timestamp())) EXECUTE FUNCTION {name}();
CREATE TRIGGER {name}_changed AFTER UPDATE ON {table} FOR EACH ROW
    WHEN (NEW.{column} < date_trunc('hour', clock_timestamp())
        AND (NEW.{column}, NEW.{value}) IS DISTINCT FROM (OLD.{column}, OLD.{value}))
    EXECUTE FUNCTION {name}();
"""
# For what is imported by the hundred thousand: one call for all rows of a statement instead of one for each.
_OF_STATEMENTS = """
CREATE OR REPLACE FUNCTION {name}_many() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added WHERE {column} < date_trunc('hour', clock_timestamp())) THEN
        PERFORM pg_advisory_xact_lock_shared(hashtextextended('roll-ups', 0));
        INSERT INTO roll_up_late_hours (source, hour)
        SELECT DISTINCT '{table}.{column}', date_trunc('hour', {column}, 'UTC') FROM added
        WHERE {column} < (SELECT max(until) FROM roll_up_watermarks);
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER {name}_added ON {table};
CREATE TRIGGER {name}_added AFTER INSERT ON {table} REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION {name}_many();
"""
_GONE = """
DROP TRIGGER {name}_added ON {table};
DROP TRIGGER {name}_changed ON {table};
DROP FUNCTION {name};
DROP FUNCTION IF EXISTS {name}_many;
"""


def watch(table: str, column: str, value: str, *, imported: bool = False) -> RunSQL:
    """Note each row that is added to an hour that is over, or whose moment or value changes in one.

    The condition of the triggers keeps the cost away from what is not late, which is nearly everything.
    """
    names = {"name": f"note_late_{table}_{column}", "table": table, "column": column, "value": value}
    statement = _OF_ROWS + _OF_STATEMENTS if imported else _OF_ROWS
    return RunSQL(statement.format(**names), _GONE.format(**names))
