"""Everybody has a subscription row, however he came; a row that was lost is found and made again."""

import io
import time

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from faceitbot.core import clock, exit_codes
from subscriptions.models import UserSubscription
from subscriptions.repositories import SubscriptionRepository
from tests.factories import StaffFactory
from users.imported_user import ImportedUser
from users.importing import upsert_imported_users
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

users = UserRepository()


def check(*arguments):
    out = io.StringIO()
    try:
        call_command("check_integrity", *arguments, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue()
    return exit_codes.DONE, out.getvalue()


def imported(telegram_id):
    values = dict.fromkeys(ImportedUser._fields)
    values |= {"telegram_id": telegram_id, "language": "ru", "total_requests": 0, "created_at": clock.now()}
    return ImportedUser(**{**values, "waiting_for_nickname": False, "notifications_enabled": True})


@pytest.mark.proof("free_rows")
def test_many_users_made_at_once_have_theirs(full_size, report):
    number = 100_000 if full_size else 2_000
    started = time.monotonic()

    users.create_batch.blocking({"telegram_id": n} for n in range(1, number + 1))
    batched = time.monotonic()
    upsert_imported_users([imported(n) for n in range(number + 1, 2 * number + 1)], clock.now())
    ended = time.monotonic()

    report(f"{number} users by a batch in {batched - started:.1f} s, by an import in {ended - batched:.1f} s")
    assert UserSubscription.objects.filter(tier="free").count() == User.objects.count() == 2 * number
    assert check()[0] == exit_codes.DONE


def test_a_user_made_by_staff_has_his(client):
    client.force_login(StaffFactory.create())

    answer = client.post(reverse("admin:users_user_add"), {"telegram_id": "7", "language": "ru"})

    assert answer.status_code == 302
    assert UserSubscription.objects.get().user.telegram_id == 7


def test_a_lost_row_is_found_and_made_again():
    user = users.create_user.blocking(7)
    UserSubscription.objects.all().delete()

    code, text = check()
    assert code == exit_codes.DONE_WITH_REFUSALS
    assert f"user {user.pk}" in text

    SubscriptionRepository().consume_request.blocking(user.pk)
    code, text = check("--json")
    assert code == exit_codes.DONE
    assert str(user.pk) not in text
