"""`create_user`: one user for each Telegram id, whoever asks and how often."""

import asyncio
import threading
from datetime import UTC, datetime

import pytest

from faceitbot.core.errors import Conflict, InvalidInput
from tests.factories import UserFactory
from users.errors import FaceitAccountTaken
from users.models import User
from users.repositories import UserRepository

repository = UserRepository()


async def test_a_new_user_comes_back_with_what_was_given(both_ways):
    user = await repository.create_user(5_000_000_000, "player-uuid", "PlayerName", "en")

    stored = await repository.get_by_telegram_id(5_000_000_000)
    assert stored == user
    assert (stored.faceit_player_id, stored.faceit_nickname, stored.language) == (
        "player-uuid",
        "PlayerName",
        "en",
    )
    assert (stored.total_requests, stored.last_active_at, stored.blocked_at) == (0, None, None)


@pytest.mark.django_db
def test_a_user_may_be_registered_at_a_past_moment():
    then = datetime(2026, 3, 1, 12, tzinfo=UTC)

    assert repository.create_user.blocking(7, now=then).created_at == then
    assert repository.touch.blocking(8, now=then).created_at == then
    with pytest.raises(InvalidInput):
        repository.create_user.blocking(9, now=then.replace(tzinfo=None))


async def test_an_existing_user_comes_back_unchanged(both_ways):
    first = await repository.create_user(7, "player-1", "first")

    again = await repository.create_user(7, "player-2", "second", "en")

    assert again == first
    assert (again.faceit_player_id, again.faceit_nickname, again.language) == ("player-1", "first", "ru")
    assert await repository.count() == 1


@pytest.mark.django_db(transaction=True)
async def test_fifty_concurrent_calls_make_one_user():
    users = await asyncio.gather(*(repository.create_user(5_000_000_000) for _ in range(50)))

    assert len({user.pk for user in users}) == 1
    assert await repository.count() == 1


class LookTogether(UserRepository):
    """Lets two callers look for the user before either of them registers it."""

    def __init__(self):
        self.both_have_looked = threading.Barrier(2, timeout=10)

    def _register(self, user):
        self.both_have_looked.wait()
        return self._insert(user)

    def _insert(self, user):
        return super()._register(user)


@pytest.mark.django_db(transaction=True)
async def test_two_callers_that_both_found_nobody_get_the_same_user():
    racing = LookTogether()

    one, other = await asyncio.gather(racing.create_user(7), racing.create_user(7))

    assert one == other
    assert await repository.count() == 1


@pytest.mark.django_db(transaction=True)
async def test_without_the_conflict_clause_one_of_the_two_callers_fails():
    """Control: look, then insert."""

    class Naive(LookTogether):
        def _insert(self, user):
            user.save(force_insert=True)
            return user

    racing = Naive()

    results = await asyncio.gather(racing.create_user(7), racing.create_user(7), return_exceptions=True)

    assert {type(result) for result in results} == {Conflict, User}


@pytest.mark.parametrize("highest", [2**52, 5_000_000_000, 1])
async def test_ids_beyond_32_bits_work(both_ways, highest):
    user = await repository.create_user(highest)

    assert (await repository.get_by_telegram_id(highest)) == user


@pytest.mark.parametrize("wrong", [2**52 + 1, 0, -1, True, 7.0, "7", None])
@pytest.mark.django_db
async def test_what_cannot_be_a_telegram_id_is_refused_by_name(wrong):
    with pytest.raises(InvalidInput, match="user_id") as caught:
        await repository.create_user(wrong)

    assert caught.value.context == {"field": "user_id"}
    assert await repository.count() == 0


@pytest.mark.parametrize(
    "hostile", ["nul\x00", "bell\x07", "lone \ud800", "line\u2028break", "\u202eesrever", "", "x" * 65]
)
@pytest.mark.django_db
async def test_hostile_text_is_refused_by_name(hostile):
    with pytest.raises(InvalidInput, match="faceit_nickname") as caught:
        await repository.create_user(7, "player", hostile)

    assert caught.value.context == {"field": "faceit_nickname"}
    assert await repository.count() == 0


@pytest.mark.django_db
async def test_a_faceit_account_of_somebody_else_is_refused_and_nothing_is_made():
    await repository.create_user(7, "player-1", "first")

    with pytest.raises(FaceitAccountTaken):
        await repository.create_user(8, "player-1", "thief")

    assert await repository.get_by_telegram_id(8) is None
    assert (await repository.get_by_faceit_id("player-1")).telegram_id == 7


@pytest.mark.parametrize("hidden", ["a\u200b", "\u202eabc", "\ufeffid", "soft\xadhyphen", " ", "   "])
@pytest.mark.django_db
async def test_an_id_of_faceit_consists_of_printable_characters(hidden):
    with pytest.raises(InvalidInput, match="faceit_player_id"):
        await repository.create_user(7, hidden, "nick")

    assert await repository.count() == 0


@pytest.mark.parametrize("nickname", ["İzmir", "ΣΑΣ", "Ωμ ΟΔΥΣΣΕΥΣ", "ЖУК", "ß", "100%_x"])
@pytest.mark.django_db
async def test_a_user_is_found_by_his_own_nickname_in_any_alphabet(nickname):
    user = await repository.create_user(7, "p", nickname)

    assert await repository.get_by_nickname(nickname) == user
    assert await repository.search_users_by_nickname(nickname[-2:]) == [user]


@pytest.mark.django_db
async def test_the_three_look_ups_find_the_same_user():
    user = UserFactory.build(telegram_id=7, faceit_player_id="p-7", faceit_nickname="Жук_7")
    await repository.create_user(7, "p-7", "Жук_7")

    found = [
        await repository.get_by_telegram_id(7),
        await repository.get_by_faceit_id("p-7"),
        await repository.get_by_nickname("жУК_7"),
    ]

    assert [row.telegram_id for row in found] == [user.telegram_id] * 3
    assert await repository.get_by_telegram_id(8) is None
    assert await repository.get_by_faceit_id("p-8") is None
    assert await repository.get_by_nickname("жук") is None


@pytest.mark.django_db
def test_the_database_itself_refuses_two_users_of_one_id():
    UserFactory(telegram_id=7)

    with pytest.raises(Exception, match="users_telegram_id_unique"):
        User.objects.create(telegram_id=7)
