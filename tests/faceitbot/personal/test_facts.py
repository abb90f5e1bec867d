"""What triggers let through while a person is erased: no words for his words, and nothing beside."""

import pytest
from django.db import IntegrityError, connection, transaction

from faceitbot.core import audit
from faceitbot.core.append_only import begin_erasing
from faceitbot.personal.erasing import ERASED
from subscriptions.models import Referral
from subscriptions.repositories import SubscriptionRepository
from subscriptions.revoking import REVOKED
from tests.factories import OrderFactory, ReferralFactory, StaffFactory, UserFactory
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db

ALLOWED = [
    "UPDATE audit_entries SET reason = '(erased)'",
    "UPDATE user_notes SET text = '(erased)'",
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
    "UPDATE user_notes SET text = 'a friend'",
    "DELETE FROM user_notes",
    "UPDATE grants SET reason = 'because'",
    "UPDATE grants SET reason = ''",
    "UPDATE grants SET reason = '(erased)', tier = 'premium'",
    "UPDATE grants SET revoke_reason = 'because'",
    "UPDATE referrals SET code = 'ABCDEFGH'",
    "UPDATE referrals SET code = '', referee_days = 70",
    "UPDATE orders SET description = ''",
    "UPDATE orders SET description = '(erased)', stars = 1",
]


@pytest.fixture
def user(db):
    """Give somebody with a note, a revoked grant, a voided referral, an order, and the entries about them."""
    staff, access = StaffFactory.create(), SubscriptionRepository()
    user = UserFactory.create()
    UserRepository().add_note.blocking(user.pk, "no friend", actor=staff)
    grant = access.grant_access.blocking(
        user.pk, "pro", 10, actor=staff, reason="a friend", request_id="click"
    )
    access.revoke_grant.blocking(grant.pk, actor=staff, reason="no friend")
    referral = ReferralFactory.create(referrer=user, code="HGFEDCBA")
    Referral.objects.filter(pk=referral.pk).update(
        voided_at=referral.created_at, voided_by=staff, void_reason="a trick"
    )
    OrderFactory.create(user=user)
    return user


def record(user, action=ERASED):
    (entry,) = audit.record(action, [audit.Change(user, {}, {})], actor=None)
    return entry


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.rowcount


def rows():
    with connection.cursor() as cursor:
        found = []
        for table in ("audit_entries", "user_notes", "grants", "referrals", "orders"):
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            found += cursor.fetchall()
    return found


def refused(statement):
    """Run a statement that the database refuses, and see that nothing has changed."""
    before = rows()
    with pytest.raises(IntegrityError), transaction.atomic():
        execute(statement)
    assert rows() == before


@pytest.mark.parametrize("statement", ALLOWED)
def test_words_may_be_erased_also_of_what_is_final(user, statement):
    begin_erasing(record(user))

    assert execute(statement) > 0


@pytest.mark.parametrize("statement", REFUSED)
def test_nothing_else_may_change(user, statement):
    begin_erasing(record(user))

    refused(statement)


@pytest.mark.parametrize("statement", ALLOWED)
def test_words_stay_while_nobody_is_erased(user, statement):
    record(user)  # it alone does not open them

    refused(statement)


@pytest.mark.parametrize("statement", ALLOWED)
def test_words_stay_in_the_name_of_an_entry_that_says_something_else(user, statement):
    begin_erasing(record(user, REVOKED))

    refused(statement)


@pytest.mark.parametrize("statement", ALLOWED[1:])
def test_the_words_of_others_stay_while_somebody_is_erased(user, statement):
    begin_erasing(record(UserFactory.create()))

    refused(statement)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statement", ALLOWED)
def test_an_erasure_of_yesterday_opens_nothing(user, statement):
    with transaction.atomic():
        entry = record(user)
        begin_erasing(entry)

    refused(statement)
    with transaction.atomic():
        begin_erasing(entry)
        refused(statement)
