from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("subscriptions", "0013_case_kinds")]

    operations = [
        AddIndexConcurrently(
            model_name="paymentcase",
            index=models.Index(fields=["kind", "-created_at", "id"], name="payment_cases_kind_idx"),
        ),
    ]
