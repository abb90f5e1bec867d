"""An index of what was bought for longer than a month: churn finds those whose last payment is years old."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('subscriptions', '0018_one_index_for_each_key'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='payment',
            index=models.Index(condition=models.Q(('completed_at__isnull', False), ('days__gt', 31)), fields=['completed_at'], include=['user', 'days'], name='payments_long_idx'),
        ),
    ]
