"""The triggers that keep the facts of orders and payments, and the row that says how far Telegram's list is read."""

from django.db import migrations

from subscriptions.triggers import keep_facts, keep_payment_facts, never_delete

TRANSITIONS = {
    "pending": ["completed", "failed", "needs_review"],
    "failed": ["completed"],
    "completed": ["refund_pending", "refunded"],
    "needs_review": ["completed", "refund_pending", "refunded"],
    "refund_pending": ["completed", "needs_review", "refunded"],
}
CHANGEABLE = ["status", "error", "refund_requested_at", "refund_claimed_until", "refund_attempts"]
FORGETTABLE = ["payer_telegram_id", "received_payload", "received_odd"]


def begin_sync(apps, _schema_editor):
    apps.get_model("subscriptions", "StarSync").objects.get_or_create(id=1)


class Migration(migrations.Migration):

    dependencies = [("subscriptions", "0003_payments")]

    operations = [
        *(never_delete(table) for table in ("tier_limits", "plan_prices", "referral_programme")),
        keep_facts("orders", ["state", "paid_at", "renewal"]),
        keep_payment_facts(TRANSITIONS, changeable=CHANGEABLE, forgettable=FORGETTABLE, kept_days=30),
        migrations.RunPython(begin_sync, migrations.RunPython.noop),
    ]
