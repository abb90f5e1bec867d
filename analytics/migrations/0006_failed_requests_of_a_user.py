"""An index of the failed requests, by their tags."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Builds it without holding up who writes."""

    atomic = False
    dependencies = (("analytics", "0005_index_of_late_hours"),)
    operations = (
        AddIndexConcurrently(
            model_name="metric",
            index=GinIndex(
                fields=["tags"],
                opclasses=["jsonb_path_ops"],
                condition=models.Q(("name", "request.failed")),
                name="metrics_failed_idx",
            ),
        ),
    )
