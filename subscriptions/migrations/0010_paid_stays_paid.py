"""An order that was paid stays paid; what was granted once is in review no more."""

from importlib import import_module

from django.db import migrations, models

from subscriptions.triggers import facts_function

SELLING = import_module("subscriptions.migrations.0005_erasing").SELLING
ERASED = {"description": "(erased)"}
FORWARD = "(OLD.state <> 'paid' OR (NEW.state = 'paid' AND NEW.paid_at = OLD.paid_at))"


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0009_campaigns")]

    operations = [
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(("status", "needs_review"), _negated=True)
                | models.Q(("completed_at__isnull", True)),
                name="payments_review_is_not_completed",
            ),
        ),
        migrations.RunSQL(
            facts_function("orders", SELLING, erased=ERASED, where=FORWARD),
            facts_function("orders", SELLING, erased=ERASED),
        ),
    ]
