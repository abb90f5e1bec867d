"""What came and what went back is added up from indexes alone; built while staff and bot go on working."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('subscriptions', '0015_tiers_in_force'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='payment',
            index=models.Index(condition=models.Q(('completed_at__isnull', False)), fields=['completed_at'], include=['amount'], name='payments_earned_idx'),
        ),
        RemoveIndexConcurrently(
            model_name='payment',
            name='payments_completed_idx',
        ),
        AddIndexConcurrently(
            model_name='payment',
            index=models.Index(condition=models.Q(('refunded_at__isnull', False)), fields=['refunded_at'], include=['completed_at', 'amount'], name='payments_went_back_idx'),
        ),
        RemoveIndexConcurrently(
            model_name='payment',
            name='payments_refunded_idx',
        ),
    ]
