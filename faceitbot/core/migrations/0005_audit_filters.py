"""The filters of the audit log, built while staff go on working: the log is long."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [("core", "0004_sent_forms")]

    operations = [
        AddIndexConcurrently("auditentry", models.Index(fields=[column, "-at", "-id"], name=f"audit_entries_{name}_idx"))
        for column, name in (("actor", "actor"), ("action", "action"), ("object_label", "kind"))
    ]
