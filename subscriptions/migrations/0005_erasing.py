"""The words about a person who is erased may go, and in time the provider's charge id, which may hold his id."""

from importlib import import_module

from django.db import migrations

from subscriptions.triggers import facts_function, payment_facts_function

rules = import_module("subscriptions.migrations.0004_payment_rules")
REVOCATION = ["revoked_at", "revoked_by_id", "revoke_reason"]
VOIDING = ["voided_at", "voided_by_id", "void_reason"]
SELLING = ["state", "paid_at", "renewal"]


def facts(table, changeable, once="", *, erased):
    return migrations.RunSQL(
        facts_function(table, changeable, once, erased), facts_function(table, changeable, once)
    )


def payment_facts(*forgettable):
    return payment_facts_function(
        rules.TRANSITIONS, changeable=rules.CHANGEABLE, forgettable=forgettable, kept_days=30
    )


class Migration(migrations.Migration):

    dependencies = [("subscriptions", "0004_payment_rules"), ("core", "0003_erasing")]

    operations = [
        facts(
            "grants",
            REVOCATION,
            "revoked_at",
            erased={"reason": "(erased)", "revoke_reason": "(erased)", "request_id": None},
        ),
        facts("referrals", VOIDING, "voided_at", erased={"code": "", "void_reason": "(erased)"}),
        facts("orders", SELLING, erased={"description": "(erased)"}),
        migrations.RunSQL(
            payment_facts(*rules.FORGETTABLE, "provider_payment_charge_id"),
            payment_facts(*rules.FORGETTABLE),
        ),
    ]
