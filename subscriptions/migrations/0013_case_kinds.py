"""Proposals of staff are told from complaints. What runs older code goes on writing complaints."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscriptions', '0012_long_tables'),
        ('users', '0005_long_tables'),
    ]

    operations = [
        migrations.AddField(
            model_name='paymentcase',
            name='kind',
            field=models.CharField(choices=[('complaint', 'complaint'), ('proposal', 'proposed refund')], db_default='complaint', default='complaint', max_length=10, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='paymentcase',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['complaint', 'proposal'])), name='payment_cases_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='paymentcase',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('user', 'kind'), name='payment_cases_open_user_kind_unique'),
        ),
        migrations.RemoveConstraint(
            model_name='paymentcase',
            name='payment_cases_open_user_unique',
        ),
    ]
