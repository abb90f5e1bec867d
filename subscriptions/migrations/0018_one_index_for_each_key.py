"""Of two indexes that begin with the same key one goes: each costs every write, and nobody misses it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscriptions', '0017_newest_stars'),
        ('users', '0007_summed_up_elsewhere'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='payment',
            name='payments_order_idx',
        ),
        migrations.AlterField(
            model_name='grant',
            name='referral',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='subscriptions.referral', verbose_name='referral'),
        ),
        # Django drops each index of the one column, that of this constraint too.
        migrations.RemoveConstraint(model_name='grant', name='grants_legacy_user_unique'),
        migrations.AlterField(
            model_name='grant',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='users.user', verbose_name='user'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.UniqueConstraint(
                condition=models.Q(source='legacy'), fields=('user',), name='grants_legacy_user_unique'
            ),
        ),
        migrations.AlterField(
            model_name='notice',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='users.user', verbose_name='user'),
        ),
        migrations.AlterField(
            model_name='order',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='users.user', verbose_name='user'),
        ),
        migrations.AlterField(
            model_name='payment',
            name='user',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='users.user', verbose_name='user'),
        ),
        migrations.AlterField(
            model_name='referral',
            name='referrer',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='referrals_made', to='users.user', verbose_name='referrer'),
        ),
    ]
