"""Rows of money, access and referrals: everybody reads them, rules of the domain write them, no cache."""

import pytest
from django.db.models import ProtectedError

from faceitbot.core import atomically
from faceitbot.core.errors import Conflict, Refused
from tests.factories import GrantFactory
from tests.repositories.samples import LEDGERS
from users.models import User
from users.repositories import UserRepository


@pytest.fixture(params=LEDGERS, ids=lambda repository: repository.__qualname__)
def repository(request, both_ways):
    return request.param()


async def test_rows_are_read_as_everywhere(repository):
    row = await atomically(LEDGERS[type(repository)])

    assert await repository.get_by_id(row.pk) == row
    assert await repository.get_all() == [row]
    assert await repository.count() == 1
    assert (await repository.get_with_relationships(row.pk, list(repository.relationships))) == row


async def test_nobody_writes_past_the_rules(repository):
    row = await atomically(LEDGERS[type(repository)])
    name = next(field.attname for field in row._meta.concrete_fields if not field.primary_key)

    for call in (
        repository.create({}),
        repository.update(row.pk, {name: None}),
        repository.delete(row.pk),
        repository.create_batch([{}]),
        repository.update_batch([{"id": row.pk}]),
        repository.delete_batch([row.pk]),
    ):
        with pytest.raises(Refused):
            await call

    assert await repository.get_by_id(row.pk) == row


async def test_nothing_is_cached(repository):
    assert all(method.spec.alias_for(repository) is None for method in repository.cached_methods())


async def test_a_user_with_a_ledger_is_kept(both_ways):
    grant = await atomically(GrantFactory.create)

    with pytest.raises(Conflict, match="grants"):
        await UserRepository().delete(grant.user_id)
    with pytest.raises(ProtectedError):
        await atomically(grant.user.delete)

    assert await UserRepository().exists(grant.user_id)


async def test_a_user_without_one_takes_his_free_row_along(both_ways):
    user = await UserRepository().create_user(7)

    assert await UserRepository().delete(user.pk) is True

    assert await atomically(User.objects.count) == 0
