"""The commands of figures end with one sentence, and the exit code that belongs to it."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("command", ["update_rollups", "prune_metrics"])
def test_without_tables_one_sentence_says_what_to_do(command):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE roll_up_watermarks RENAME TO gone")

    with pytest.raises(CommandError, match=r"run `manage\.py migrate` first") as refused:
        call_command(command)

    assert refused.value.returncode == 2
