"""SQL that notes the hours that something comes late for, for use in migrations."""

from django.db.migrations import RunSQL

# Whoever makes sums holds the lock alone: either he sees the row that comes late, or this sees his watermark.
# An hour is noted as often as something comes: rows of one hour must not make their writers wait.
_FUNCTION = """
CREATE OR REPLACE FUNCTION note_late_hour() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := (to_jsonb(NEW) ->> TG_ARGV[0])::timestamptz;
BEGIN
    IF current_setting('faceitbot.folding', true) = 'on' THEN RETURN NULL; END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('roll-ups', 0));
    IF moment < (SELECT max(until) FROM roll_up_watermarks) THEN
        INSERT INTO roll_up_late_hours (source, hour)
        VALUES (TG_TABLE_NAME || '.' || TG_ARGV[0], date_trunc('hour', moment, 'UTC'));
    END IF;
    RETURN NULL;
END $$;
"""
# The condition keeps the function from being called for what is not late, which is nearly everything.
_TRIGGERS = """
CREATE TRIGGER {table}_{column}_added_late AFTER INSERT ON {table} FOR EACH ROW
    WHEN (NEW.{column} < date_trunc('hour', clock_timestamp()))
    EXECUTE FUNCTION note_late_hour('{column}');
CREATE TRIGGER {table}_{column}_changed_late AFTER UPDATE ON {table} FOR EACH ROW
    WHEN (NEW.{column} < date_trunc('hour', clock_timestamp())
        AND (NEW.{column}, NEW.{value}) IS DISTINCT FROM (OLD.{column}, OLD.{value}))
    EXECUTE FUNCTION note_late_hour('{column}');
"""
_NO_TRIGGERS = """
DROP TRIGGER IF EXISTS {table}_{column}_added_late ON {table};
DROP TRIGGER IF EXISTS {table}_{column}_changed_late ON {table};
"""


def note_late_hours() -> RunSQL:
    """Make the function that the triggers call."""
    return RunSQL(_FUNCTION, "DROP FUNCTION note_late_hour()")


def watch(table: str, column: str, value: str) -> RunSQL:
    """Note each row that is added to an hour that is over, or whose moment or value changes in one."""
    names = {"table": table, "column": column, "value": value}
    return RunSQL(_TRIGGERS.format(**names), _NO_TRIGGERS.format(**names))
