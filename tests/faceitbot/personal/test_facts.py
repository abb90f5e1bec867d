"""What triggers let through for erasing: words for no words, and nothing beside."""

import pytest
from django.db import IntegrityError, connection, transaction

from subscriptions.models import Referral
from subscriptions.repositories import SubscriptionRepository
from tests.factories import OrderFactory, ReferralFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

ALLOWED = [
    "UPDATE audit_entries SET reason = '(erased)'",
    "UPDATE grants SET reason = '(erased)', revoke_reason = '(erased)', request_id = NULL",
    "UPDATE referrals SET code = '', void_reason = '(erased)'",
    "UPDATE orders SET description = '(erased)'",
]
REFUSED = [
    "UPDATE audit_entries SET reason = ''",
    "UPDATE audit_entries SET reason = 'because'",
    "UPDATE audit_entries SET reason = '(erased)', action = 'user.praised'",
    "UPDATE audit_entries SET after = '{}'",
    "DELETE FROM audit_entries",
    "UPDATE grants SET reason = 'because'",
    "UPDATE grants SET reason = ''",
    "UPDATE grants SET reason = '(erased)', tier = 'premium'",
    "UPDATE grants SET revoke_reason = 'because'",
    "UPDATE referrals SET code = 'ABCDEFGH'",
    "UPDATE referrals SET code = '', referee_days = 70",
    "UPDATE orders SET description = ''",
    "UPDATE orders SET description = '(erased)', stars = 1",
]


@pytest.fixture(autouse=True)
def _rows(db):
    """One revoked grant, one voided referral, one order, and the entries about them."""
    staff, access = StaffFactory.create(), SubscriptionRepository()
    grant = access.grant_access.blocking(
        UserFactory.create().pk, "pro", 10, actor=staff, reason="a friend", request_id="click"
    )
    access.revoke_grant.blocking(grant.pk, actor=staff, reason="no friend")
    referral = ReferralFactory.create(code="HGFEDCBA")
    Referral.objects.filter(pk=referral.pk).update(
        voided_at=referral.created_at, voided_by=staff, void_reason="a trick"
    )
    OrderFactory.create()


def rows():
    with connection.cursor() as cursor:
        found = []
        for table in ("audit_entries", "grants", "referrals", "orders"):
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            found += cursor.fetchall()
    return found


@pytest.mark.parametrize("statement", ALLOWED)
def test_words_may_be_erased_also_of_what_is_final(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount > 0


@pytest.mark.parametrize("statement", REFUSED)
def test_nothing_else_may_change(statement):
    before = rows()

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert rows() == before
