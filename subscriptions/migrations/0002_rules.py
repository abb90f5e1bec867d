"""The plans that a new installation starts with, and the triggers that keep the facts."""

from django.db import migrations

from subscriptions.defaults import create_defaults
from subscriptions.triggers import keep_facts


def seed(apps, _schema_editor):
    names = ("TierLimits", "PlanPrice", "ReferralProgramme")
    create_defaults(*(apps.get_model("subscriptions", name) for name in names))


class Migration(migrations.Migration):

    dependencies = [("subscriptions", "0001_initial")]

    operations = [
        # Users who are there already; later ones get theirs when they are made.
        migrations.RunSQL(
            "INSERT INTO user_subscriptions (id, user_id, tier, daily_requests, auto_renew, payment_method,"
            " referrals_count, created_at, updated_at) SELECT gen_random_uuid(), id, 'free', 0, false, '', 0,"
            " created_at, now() FROM users ON CONFLICT (user_id) DO NOTHING",
            migrations.RunSQL.noop,
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
        keep_facts("grants", ["revoked_at", "revoked_by_id", "revoke_reason"], "revoked_at"),
        keep_facts("referrals", ["voided_at", "voided_by_id", "void_reason"], "voided_at"),
    ]
