from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0010_monitoring'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='processsample',
            index=models.Index(fields=['kind', 'at'], name='process_samples_kind_idx'),
        ),
    ]
