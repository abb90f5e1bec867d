"""What staff filter long lists by, also where few rows or none are kept, and what the month report joins.

Built while everybody goes on working.
"""

from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('subscriptions', '0011_staff_permissions'),
        ('users', '0004_staff_permissions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='grant',
            name='tier',
            field=models.CharField(choices=[('premium', 'Premium'), ('pro', 'Pro')], max_length=10, verbose_name='tier'),
        ),
        migrations.AlterField(
            model_name='order',
            name='tier',
            field=models.CharField(choices=[('premium', 'Premium'), ('pro', 'Pro')], max_length=10, verbose_name='tier'),
        ),
        migrations.AlterField(
            model_name='payment',
            name='tier',
            field=models.CharField(blank=True, choices=[('premium', 'Premium'), ('pro', 'Pro')], max_length=10, null=True, verbose_name='tier'),
        ),
        AddIndexConcurrently(
            model_name='grant',
            index=models.Index(fields=['source', '-created_at', 'id'], name='grants_source_idx'),
        ),
        AddIndexConcurrently(
            model_name='notice',
            index=models.Index(fields=['kind', '-created_at', 'id'], name='notices_kind_idx'),
        ),
        AddIndexConcurrently(
            model_name='order',
            index=models.Index(condition=models.Q(('recurring', True)), fields=['-created_at', 'id'], name='orders_recurring_idx'),
        ),
        AddIndexConcurrently(
            model_name='payment',
            index=models.Index(fields=['status', '-created_at', 'id'], name='payments_status_idx'),
        ),
        AddIndexConcurrently(
            model_name='payment',
            index=models.Index(condition=models.Q(('review_reason', ''), _negated=True), fields=['review_reason', '-created_at', 'id'], name='payments_review_idx'),
        ),
        AddIndexConcurrently(
            model_name='startransaction',
            index=models.Index(condition=models.Q(('direction', 'out')), fields=['-at', 'id'], name='star_transactions_out_idx'),
        ),
        AddIndexConcurrently(
            model_name='startransaction',
            index=models.Index(condition=models.Q(('partner_type', 'user'), _negated=True), fields=['partner_type', '-at', 'id'], name='star_transactions_others_idx'),
        ),
        AddIndexConcurrently(
            model_name='usersubscription',
            index=models.Index(condition=models.Q(('auto_renew', True)), fields=['-created_at', 'id'], name='user_subscriptions_renew_idx'),
        ),
        AddIndexConcurrently(
            model_name='order',
            index=models.Index(fields=['id'], include=['duration'], name='orders_duration_idx'),
        ),
        AddIndexConcurrently(
            model_name='payment',
            index=models.Index(fields=['user', 'completed_at'], condition=models.Q(('completed_at__isnull', False)), name='payments_buyer_idx'),
        ),
    ]
