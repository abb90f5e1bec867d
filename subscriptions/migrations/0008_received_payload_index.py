from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("subscriptions", "0007_star_sync_request")]

    operations = [
        AddIndexConcurrently(
            model_name="payment",
            index=models.Index(
                condition=models.Q(("received_payload", ""), _negated=True),
                fields=["received_payload"],
                name="payments_received_payload_idx",
            ),
        ),
    ]
