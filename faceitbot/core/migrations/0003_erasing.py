"""What staff wrote about a person goes when he is erased; the entries stay."""

from django.db import migrations

from faceitbot.core.append_only import let_erase


class Migration(migrations.Migration):

    dependencies = [("core", "0002_switches")]

    operations = [let_erase("audit_entries", {"reason": "(erased)"})]
