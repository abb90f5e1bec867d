"""The newest Star transactions, and whose orders renew themselves, are found by index; built while all go on."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('subscriptions', '0016_sums_of_money'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='startransaction',
            index=models.Index(fields=['-created_at', 'id'], name='star_transactions_created_idx'),
        ),
        AddIndexConcurrently(
            model_name='order',
            index=models.Index(condition=models.Q(('renewal', 'active')), fields=['user'], name='orders_renewing_idx'),
        ),
    ]
