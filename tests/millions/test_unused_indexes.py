"""Each index is used by somebody: staff, the bot or a job. This comes after all other tests of the folder."""

from contextlib import suppress

import pytest
from django.apps import apps
from django.db import connection

from tests.eventually import eventually
from tests.millions.calls import PRODUCT
from tests.millions.conftest import NOBODYS_INDEX

pytestmark = [pytest.mark.proof("millions"), pytest.mark.django_db]

# Not those of constraints, which are there whether or not somebody finds a row by them.
_UNUSED = """
    SELECT indexrelname FROM pg_stat_user_indexes JOIN pg_index USING (indexrelid)
    WHERE NOT indisunique AND idx_scan = 0 AND relname = ANY(%s)"""
_KEY = "a foreign key asks for it when the account of somebody of the staff is deleted"
# Used by repositories and jobs alone.
OF_CALLS = {"orders_renewing_idx", "player_stats_user_idx", "star_transactions_created_idx"}
ALLOWED = {
    "campaigns_actor_id_ffb34a97": _KEY,
    "campaigns_created_idx": "there is one campaign here, and will be some thousands",
    "error_groups_class_idx": "whether a mail told of an error, which none did",
    "grants_actor_id_58236609": _KEY,
    "grants_revoked_by_id_9c790052": _KEY,
    "health_states_name_dfba05e1_like": "made by Django beside a primary key of text",
    "roll_up_late_hours_idx": "hardly anything is late here, and so much only after an import",
    "sent_forms_actor_id_09ef2c0a": _KEY,
    "sent_forms_at_idx": "the oldest forms go when one is sent, which nobody does here",
    "user_notes_author_id_e23a5e15": _KEY,
}


@pytest.fixture(scope="module")
def unused(toured, django_db_setup, django_db_blocker, full_size):
    """Give the indexes that nobody has used, once all sessions have told what they have counted."""
    ours = [model._meta.db_table for model in apps.get_models() if model.__module__.split(".")[0] in PRODUCT]

    def found(cursor):
        cursor.execute(_UNUSED, [ours])
        return {name for (name,) in cursor.fetchall()}

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        if full_size:  # those of other threads tell when they have been idle for ten seconds
            with suppress(AssertionError):
                eventually(lambda: found(cursor) <= {*ALLOWED, NOBODYS_INDEX}, within=20)
        return found(cursor)


def test_no_index_is_unused(unused, toured, report, full_size):
    if len(toured) < 4:
        pytest.skip("only a part of the folder was run")

    assert NOBODYS_INDEX in unused  # the control
    assert unused & OF_CALLS == set()
    if full_size:  # else no filter of a list is opened
        report(f"indexes that nobody has used: {sorted(unused)}")
        assert unused - {*ALLOWED, NOBODYS_INDEX} == set()
