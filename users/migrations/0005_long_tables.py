"""What staff filter long lists by, also where few rows or none are kept; built while staff go on working."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('users', '0004_staff_permissions'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='user',
            index=models.Index(models.OrderBy(models.F('last_active_at'), descending=True, nulls_last=True), models.F('id'), condition=models.Q(('bot_blocked_at__isnull', False)), name='users_stopped_idx'),
        ),
        AddIndexConcurrently(
            model_name='user',
            index=models.Index(models.OrderBy(models.F('last_active_at'), descending=True, nulls_last=True), models.F('id'), condition=models.Q(('erased_at__isnull', False)), name='users_erased_idx'),
        ),
        AddIndexConcurrently(
            model_name='user',
            index=models.Index(models.OrderBy(models.F('last_active_at'), descending=True, nulls_last=True), models.F('id'), condition=models.Q(('language__in', ('ru', 'en')), _negated=True), name='users_foreign_idx'),
        ),
    ]
