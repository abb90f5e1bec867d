"""Words of append-only tables go while a person is erased, which is on record, and at no other time."""

from django.db import migrations

from faceitbot.core.append_only import ONLY_ERASED

AT_ANY_TIME = """
CREATE OR REPLACE FUNCTION only_erased(before jsonb, after jsonb, erased jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT NOT EXISTS (
        SELECT FROM jsonb_each(after)
        WHERE value IS DISTINCT FROM before -> key AND value IS DISTINCT FROM erased -> key
    )
$$;
"""


class Migration(migrations.Migration):

    dependencies = [("core", "0007_long_tables")]

    operations = [migrations.RunSQL(ONLY_ERASED, AT_ANY_TIME)]
