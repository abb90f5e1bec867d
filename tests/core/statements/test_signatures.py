"""A hot method takes the arguments that it declares, by place and by name, and no others."""

from datetime import timedelta

import pytest

from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput
from faceitbot.core.ids import telegram_id
from faceitbot.core.statements.look_ups import one_row
from faceitbot.core.transactions import query
from users.models import User, UserActivity
from users.repositories import UserRepository

users = UserRepository()


def shifted(user_id, language=None, now=None):
    return user_id


@query
def find(_self, user_id, now=None):
    return None


def test_a_key_of_other_arguments_is_refused_where_it_is_declared():
    with pytest.raises(TypeError, match=r"the key of find takes \['user_id', 'language=None', 'now=None'\]"):
        one_row(by="telegram_id", key=shifted, rows=User.objects.all())(find)


@pytest.mark.django_db(transaction=True)
async def test_what_is_given_by_name_is_the_same_as_by_place():
    await users.create_user(7)

    assert (await users.get_user_with_subscription(user_id=7)).telegram_id == 7
    assert (await users.get_by_telegram_id(user_id=7)).telegram_id == 7
    assert (await users.touch(user_id=7, language="en")).total_requests == 1


@pytest.mark.django_db(transaction=True)
async def test_a_moment_given_by_its_place_is_a_moment():
    await users.create_user(7)
    moment = clock.now() - timedelta(hours=3)

    await users.update_last_activity(7, moment)

    assert [hour async for hour in UserActivity.objects.values_list("hour", "requests")] == [
        (moment.replace(minute=0, second=0, microsecond=0), 1)
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("given", "named"), [((), {}), ((7, "user_id"), {}), ((), {"telegram_id": 7})])
async def test_what_a_look_up_does_not_take_is_refused(given, named):
    with pytest.raises(TypeError):
        await users.get_user_with_subscription(*given, **named)


@pytest.mark.django_db(transaction=True)
async def test_what_a_count_does_not_take_is_refused():
    with pytest.raises(TypeError, match="language"):
        await users.update_last_activity(7, language="en")  # type: ignore[call-arg]


def test_a_key_of_the_only_argument_may_be_any_function_of_its_value():
    @query
    def only(_self, whom):
        return None

    key = one_row(by="telegram_id", key=telegram_id, rows=User.objects.all())(only)._key

    assert key(7) == key(whom=7) == 7
    with pytest.raises(InvalidInput):
        key(whom="7")
