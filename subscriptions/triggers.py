"""SQL that keeps the facts of a table, for use in migrations."""

import json
from collections.abc import Collection, Mapping, Sequence

from django.db.migrations import RunSQL

# The comparison is of whole rows as JSON without the columns that may change: a column that is added later is
# a fact until somebody says otherwise.
_FUNCTION = """
CREATE OR REPLACE FUNCTION {table}_keep_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        -- Tests empty their database between cases; no other database may be emptied.
        IF current_database() LIKE 'test\\_%' THEN RETURN NULL; END IF;
    ELSIF TG_OP = 'UPDATE' AND {open}
        AND to_jsonb(OLD) - {changeable} = to_jsonb(NEW) - {changeable} THEN
        RETURN NEW;
    {erasing}END IF;
    RAISE EXCEPTION '% on {table} is refused: its rows are facts', TG_OP
        USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_facts';
END $$;
"""
# The words of a person who is erased go, whatever else is final. `only_erased` comes with faceitbot.core.
_ERASING = """ELSIF TG_OP = 'UPDATE' AND only_erased(to_jsonb(OLD), to_jsonb(NEW), '{erased}') THEN
        RETURN NEW;
    """
_PAYMENT_FUNCTION = """
CREATE OR REPLACE FUNCTION payments_keep_facts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    old_facts jsonb;
    new_facts jsonb;
    fact text;
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_database() LIKE 'test\\_%' THEN RETURN NULL; END IF;
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION '% on payments is refused: its rows are facts', TG_OP
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_facts';
    END IF;
    IF OLD.status <> NEW.status AND OLD.status || '>' || NEW.status NOT IN ({moves}) THEN
        RAISE EXCEPTION 'a payment that is % cannot become %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_transition';
    END IF;
    old_facts := to_jsonb(OLD) - {changeable};
    new_facts := to_jsonb(NEW) - {changeable};
    IF old_facts = new_facts THEN RETURN NEW; END IF;
    FOR fact IN SELECT key FROM jsonb_each(old_facts) WHERE value IS DISTINCT FROM new_facts -> key LOOP
        CONTINUE WHEN old_facts -> fact IN ('null', '""')
            AND (OLD.completed_at IS NULL OR fact = 'refunded_at');
        CONTINUE WHEN fact = ANY ({forgettable}) AND new_facts -> fact IN ('null', '""')
            AND coalesce(OLD.refunded_at, OLD.completed_at) < clock_timestamp() - interval '{days} days';
        RAISE EXCEPTION '% of a payment is a fact', fact
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_facts';
    END LOOP;
    RETURN NEW;
END $$;
"""
_TRIGGER = """
CREATE TRIGGER {table}_{name} BEFORE {events} ON {table} FOR EACH {each}
    EXECUTE FUNCTION {table}_keep_facts()
"""


def facts_function(
    table: str,
    changeable: Sequence[str],
    once: str = "",
    erased: Mapping[str, str | None] | None = None,
    where: str = "true",
) -> str:
    """Give the function of the trigger that keeps the facts of a table, as `keep_facts` wants it.

    `where` is a further condition on a change of what may change. `erased` names the columns that may be
    emptied when a person is erased, each with the value for nobody.
    """
    return _FUNCTION.format(
        table=table,
        changeable=_array(changeable),
        open=f"OLD.{once} IS NULL" if once else where,
        erasing=_ERASING.format(erased=json.dumps(erased)) if erased else "",
    )


def payment_facts_function(
    transitions: Mapping[str, Collection[str]],
    *,
    changeable: Sequence[str],
    forgettable: Sequence[str],
    kept_days: int,
) -> str:
    """Give the function of the trigger that keeps the facts of payments, as `keep_payment_facts` wants it."""
    moves = ", ".join(f"'{old}>{new}'" for old, news in transitions.items() for new in sorted(news))
    return _PAYMENT_FUNCTION.format(
        moves=moves, changeable=_array(changeable), forgettable=_array(forgettable), days=kept_days
    )


def keep_facts(table: str, changeable: Sequence[str], once: str = "") -> RunSQL:
    """Give the operation after which rows of a table are never deleted, and only some columns change.

    With `once`, they may change as long as that column is NULL: when it is set, the row is final.
    """
    return _keep(table, facts_function(table, changeable, once))


def never_delete(table: str) -> RunSQL:
    """Give the operation after which rows of a table change as they like and are never deleted."""
    function = _FUNCTION.format(table=table, changeable="ARRAY[]::text[]", open="false", erasing="")
    return _keep(table, function, events="DELETE")


def keep_payment_facts(
    transitions: Mapping[str, Collection[str]],
    *,
    changeable: Sequence[str],
    forgettable: Sequence[str],
    kept_days: int,
) -> RunSQL:
    """Give the operation after which payments are never deleted, and their facts are written once.

    A fact may be filled in until the payment is completed, and the moment of a refund later; then only the
    `forgettable` columns may be emptied, so many days after the end of the matter. The status moves along the
    transitions alone.
    """
    function = payment_facts_function(
        transitions, changeable=changeable, forgettable=forgettable, kept_days=kept_days
    )
    return _keep("payments", function)


def _array(names: Sequence[str]) -> str:
    return f"ARRAY[{', '.join(repr(name) for name in names)}]"


def _keep(table: str, function: str, events: str = "UPDATE OR DELETE") -> RunSQL:
    return RunSQL(
        [
            function,
            _TRIGGER.format(table=table, name="facts", events=events, each="ROW"),
            _TRIGGER.format(table=table, name="keep", events="TRUNCATE", each="STATEMENT"),
        ],
        [
            f"DROP TRIGGER {table}_facts ON {table}",
            f"DROP TRIGGER {table}_keep ON {table}",
            f"DROP FUNCTION {table}_keep_facts",
        ],
    )
