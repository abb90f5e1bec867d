"""Tiers in force are counted from an index alone; built while staff and bot go on working."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('subscriptions', '0014_case_kind_index'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='usersubscription',
            index=models.Index(condition=models.Q(('tier', 'free'), _negated=True), fields=['tier', 'expires_at', 'next_tier', 'next_expires_at'], include=['user'], name='user_subs_in_force_idx'),
        ),
        RemoveIndexConcurrently(
            model_name='usersubscription',
            name='user_subscriptions_paid_idx',
        ),
    ]
