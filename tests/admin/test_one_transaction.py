"""Pages and commands that call repository methods inside an open transaction stay one transaction."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.db import transaction
from django.db.models.signals import post_save
from django.urls import reverse

from faceitbot.core import clock
from tests.factories import UserFactory
from users.models import User, UserActivity
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)


class HistoryIsBrokenError(Exception):
    """What comes after the repository's method in the page's transaction fails."""


@pytest.fixture
def broken_history():
    def fail(**_kwargs):
        raise HistoryIsBrokenError

    post_save.connect(fail, sender=LogEntry, weak=False, dispatch_uid="broken_history")
    yield
    post_save.disconnect(sender=LogEntry, dispatch_uid="broken_history")


def test_a_page_that_fails_after_saving_has_saved_nothing(admin_client, broken_history):
    user = UserFactory.create(language="ru")

    with pytest.raises(HistoryIsBrokenError):
        admin_client.post(reverse("admin:users_user_change", args=[user.pk]), {"language": "en"})

    assert User.objects.get().language == "ru"


def test_a_page_that_fails_after_registering_has_registered_nobody(admin_client, broken_history):
    with pytest.raises(HistoryIsBrokenError):
        admin_client.post(reverse("admin:users_user_add"), {"telegram_id": 7, "language": "ru"})

    assert User.objects.count() == 0


def test_the_same_pages_save_when_nothing_fails(admin_client):
    """Control: the two requests are good ones."""
    admin_client.post(reverse("admin:users_user_add"), {"telegram_id": 7, "language": "ru"})
    user = User.objects.get(telegram_id=7)
    admin_client.post(reverse("admin:users_user_change", args=[user.pk]), {"language": "en"})

    assert User.objects.get().language == "en"


def test_a_command_inside_a_transaction_is_undone_with_it():
    user = UserFactory.create(telegram_id=7)
    for hours in (0, 1, 2):
        moment = clock.now().replace(hour=12) - timedelta(days=200, hours=hours)
        UserRepository().update_last_activity.blocking(7, now=moment)
    before = list(UserActivity.objects.filter(user=user).values())

    with transaction.atomic():
        call_command("fold_activity")
        assert UserActivity.objects.count() == 1
        transaction.set_rollback(True)

    assert list(UserActivity.objects.filter(user=user).values()) == before
