"""A database that lets nobody write is away for whoever writes, and says so."""

import pytest
from django.db import connection, transaction

from faceitbot.core.errors import DatabaseUnavailable
from users.models import User
from users.repositories import UserRepository


@pytest.mark.django_db(transaction=True)
def test_who_writes_is_told_that_nobody_may():
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        with pytest.raises(DatabaseUnavailable) as caught:
            UserRepository().create_user.blocking(7)

    assert caught.value.code == "read_only"
    assert not User.objects.exists()
