"""Look-ups of users come from the cache, and every write is seen by the next one under every key."""

import json
import subprocess
import sys
import uuid
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from faceitbot.core import atomically, clock
from tests.core.cache.counted import counted
from tests.eventually import eventually_async
from tests.factories import StaffFactory, UserFactory
from tests.other_process import environment
from users.imported_user import ImportedUser
from users.importing import upsert_imported_users
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

repository = UserRepository()


def columns(user):
    return user and {field.attname: getattr(user, field.attname) for field in User._meta.concrete_fields}


async def look_up(player="player-1", nickname="Игрок"):
    """Give the user 7 under all four keys, None where it is not found."""
    by_telegram_id = await repository.get_by_telegram_id(7)
    return [
        columns(found)
        for found in (
            by_telegram_id,
            await repository.get_by_id(by_telegram_id.pk) if by_telegram_id else None,
            await repository.get_by_faceit_id(player),
            await repository.get_by_nickname(nickname.upper()),
        )
    ]


async def stored():
    return columns(await atomically(User.objects.filter(telegram_id=7).first))


@pytest.fixture
async def user(closed_links):
    """User 7, linked, whom every look-up has already cached."""
    await repository.create_user(7, "player-1", "Игрок")
    found = await look_up()
    assert found == [await stored()] * 4
    return await repository.get_by_telegram_id(7)


async def test_the_second_look_up_is_a_hit_and_an_equal_user(user):
    with counted() as counts:
        again = await repository.get_by_telegram_id(7)

    assert counts == {"in_process": 1}
    assert type(again) is User
    assert again == user
    assert again is not user
    assert columns(again) == await stored()
    assert type(again.id) is uuid.UUID
    assert again.created_at.tzinfo is UTC
    assert isinstance(again.created_at, datetime)
    assert again._state.adding is False


async def test_a_user_who_is_not_there_is_remembered_as_such_until_he_comes(closed_links):
    assert await look_up() == [None] * 4
    with counted() as counts:
        assert await look_up() == [None] * 4
    assert counts == {"in_process": 3}

    await repository.create_user(7, "player-1", "Игрок")

    assert await look_up() == [await stored()] * 4


async def set_by_update(user):
    await repository.update(user.pk, {"language": "en"})


async def counted_by_touch(user):
    await repository.touch(7)


async def updated_in_a_batch(user):
    await repository.update_batch([{"id": user.pk, "notifications_enabled": False}])


async def counted_in_bulk(user):
    await repository.bulk_update_activity([{"user_id": 7, "requests": 3}])


async def blocked(user):
    staff = await atomically(StaffFactory.create)
    await repository.block_users([7], actor=staff, reason="test")


async def changed_in_a_larger_transaction(user):
    def changes():
        repository.set_waiting_for_nickname.blocking(7)
        repository.update_last_checked_match.blocking(7, "match-1")

    await atomically(changes)


async def imported(user):
    values = dict.fromkeys(ImportedUser._fields)
    values |= {"telegram_id": 7, "faceit_player_id": "player-1", "faceit_nickname": "Игрок"}
    values |= {"language": "uk", "total_requests": 99, "created_at": user.created_at}
    values |= {"waiting_for_nickname": False, "notifications_enabled": True}
    await atomically(upsert_imported_users, [ImportedUser(**values)], clock.now())


@pytest.mark.parametrize(
    "write",
    [
        set_by_update,
        counted_by_touch,
        updated_in_a_batch,
        counted_in_bulk,
        blocked,
        changed_in_a_larger_transaction,
        imported,
    ],
)
async def test_a_write_is_seen_by_the_next_look_up_under_every_key(user, write):
    before = await stored()

    await write(user)

    after = await stored()
    assert after != before
    assert await look_up() == [after] * 4


async def test_another_account_is_found_and_the_old_one_no_more(user):
    assert await look_up("player-2", "Другой") == [columns(user), columns(user), None, None]

    await repository.link_faceit_account(7, "player-2", "Другой")

    assert await look_up("player-2", "Другой") == [await stored()] * 4
    assert await look_up() == [await stored(), await stored(), None, None]


async def test_an_unlinked_account_belongs_to_nobody(user):
    await repository.unlink_faceit_account(7)

    assert await look_up() == [await stored(), await stored(), None, None]


@pytest.mark.parametrize("delete", [repository.delete, lambda pk: repository.delete_batch([pk])])
async def test_a_deleted_user_is_found_no_more(user, delete):
    await delete(user.pk)

    assert await look_up() == [None] * 4
    assert await repository.get_by_id(user.pk) is None


async def test_a_nickname_that_two_bear_shows_who_was_active_last(user):
    await repository.create_user(8, "player-8", "игрок")
    await repository.touch(7)
    assert (await repository.get_by_nickname("Игрок")).telegram_id == 7

    await repository.touch(8)
    assert (await repository.get_by_nickname("Игрок")).telegram_id == 8

    await repository.touch(7)
    assert (await repository.get_by_nickname("Игрок")).telegram_id == 7


@pytest.mark.parametrize(
    ("stored_as", "asked_as"),
    [
        ("İstanbul", "istanbul"),
        ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
        ("\u212aelvin", "kelvin"),
        ("\ua7cb", "ɤ"),
        ("I", "ı"),
    ],
)
async def test_letters_whose_case_is_special_are_invalidated_too(closed_links, stored_as, asked_as):
    """Whatever PostgreSQL finds equal must be told; Python lowers some letters otherwise."""
    await repository.create_user(7, "player-1", stored_as)
    await repository.get_by_nickname(asked_as)

    await repository.set_waiting_for_nickname(7)

    found = await repository.get_by_nickname(asked_as)
    assert found is None or found.waiting_for_nickname is True
    assert (await repository.get_by_nickname(stored_as)).waiting_for_nickname is True


async def test_a_write_that_is_undone_changes_nothing(user):
    def doomed():
        repository.set_waiting_for_nickname.blocking(7)
        assert repository.get_by_telegram_id.blocking(7).waiting_for_nickname is True
        raise RuntimeError("undone")

    with pytest.raises(RuntimeError, match="undone"):
        await atomically(doomed)

    assert await look_up() == [columns(user)] * 4


# ---- The admin


def test_staff_save_block_and_delete_and_the_bot_sees_it(client):
    client.force_login(StaffFactory.create())
    user = UserFactory.create(telegram_id=7)

    def found():
        return repository.get_by_telegram_id.blocking(7)

    assert found().language == "ru"
    page = reverse("admin:users_user_change", args=[user.pk])
    form = client.get(page).context["adminform"].form
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    answer = client.post(
        page, {**{k: v for k, v in values.items() if v not in (None, False)}, "language": "en"}
    )
    assert answer.status_code == 302, answer.content[:500]
    assert found().language == "en"

    users = reverse("admin:users_user_changelist")
    chosen = {"_selected_action": [str(user.pk)]}
    client.post(users, {**chosen, "action": "block_selected", "reason": "test"})
    assert found().is_blocked

    client.post(users, {**chosen, "action": "delete_selected", "post": "yes"})
    assert found() is None


# ---- Another process

OTHER_PROCESS = """
import asyncio, json, sys
import faceitbot
faceitbot.setup()
from faceitbot.core.cache.registry import counters_of
from users.repositories import UserRepository

async def main():
    for line in sys.stdin:
        user = await UserRepository().get_by_telegram_id(7)
        language = user.language if user else None
        print(json.dumps([language, counters_of("player_cache").snapshot()["in_process"]]), flush=True)
    await faceitbot.close()

asyncio.run(main())
"""


@pytest.fixture
def other_process():
    with subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.stdin.close()
        assert process.wait(30) == 0


async def test_another_process_sees_a_write_within_a_second(user, other_process):
    def ask():
        other_process.stdin.write("read\n")
        other_process.stdin.flush()
        return json.loads(other_process.stdout.readline())

    assert ask()[0] == "ru"
    assert ask() == ["ru", 1]

    await repository.set_preferences(7, language="en")
    await eventually_async(lambda: ask()[0] == "en", within=1)
    await repository.delete(user.pk)
    await eventually_async(lambda: ask()[0] is None, within=1)
