"""An index that begins with the same key as another goes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('faceitbot', '0003_lines_about_one_user'),
    ]

    operations = [
        migrations.AlterField(
            model_name='importrefusal',
            name='run',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='refusals', to='faceitbot.importrun', verbose_name='import'),
        ),
        migrations.AlterField(
            model_name='undecidedaccess',
            name='run',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='undecided', to='faceitbot.importrun', verbose_name='import'),
        ),
    ]
