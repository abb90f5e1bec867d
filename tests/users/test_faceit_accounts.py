"""Linking a FACEIT account: one account belongs to one user, also in a race."""

import asyncio

import pytest

from faceitbot.core.errors import InvalidInput
from tests.factories import UserFactory
from users.errors import FaceitAccountTaken
from users.models import User
from users.repositories import UserRepository

repository = UserRepository()


async def test_a_linked_account_is_found_and_ends_the_wait_for_a_nickname(both_ways):
    await repository.create_user(7)
    await repository.set_waiting_for_nickname(7)

    linked = await repository.link_faceit_account(7, "player-1", "Nick")

    assert linked == await repository.get_by_faceit_id("player-1")
    assert (linked.faceit_nickname, linked.waiting_for_nickname) == ("Nick", False)


async def test_linking_the_same_account_again_keeps_the_last_checked_match(both_ways):
    await repository.create_user(7, "player-1", "Old")
    await repository.update_last_checked_match(7, "1-match")

    linked = await repository.link_faceit_account(7, "player-1", "New")
    other = await repository.link_faceit_account(7, "player-2", "Other")

    assert (linked.faceit_nickname, linked.last_checked_match_id) == ("New", "1-match")
    assert (other.faceit_player_id, other.last_checked_match_id) == ("player-2", None)


async def test_unlinking_clears_the_account_its_nickname_and_its_match(both_ways):
    await repository.create_user(7, "player-1", "Nick")
    await repository.update_last_checked_match(7, "1-match")

    unlinked = await repository.unlink_faceit_account(7)

    assert (unlinked.faceit_player_id, unlinked.faceit_nickname, unlinked.last_checked_match_id) == (
        None,
    ) * 3
    assert await repository.get_by_faceit_id("player-1") is None


async def test_an_account_of_another_user_is_refused_and_nothing_changes(both_ways):
    await repository.create_user(7, "player-1", "Nick")
    await repository.create_user(8, "player-2", "Other")

    with pytest.raises(FaceitAccountTaken):
        await repository.link_faceit_account(8, "player-1", "Nick")

    assert (await repository.get_by_faceit_id("player-1")).telegram_id == 7
    assert (await repository.get_by_telegram_id(8)).faceit_player_id == "player-2"


@pytest.mark.django_db(transaction=True)
async def test_of_thirty_users_who_link_one_account_at_once_one_gets_it():
    await repository.create_batch([{"telegram_id": user_id} for user_id in range(1, 31)])

    results = await asyncio.gather(
        *(repository.link_faceit_account(user_id, "player-1", "Nick") for user_id in range(1, 31)),
        return_exceptions=True,
    )

    winners = [result for result in results if isinstance(result, User)]
    assert len(winners) == 1
    assert sum(isinstance(result, FaceitAccountTaken) for result in results) == 29
    assert await repository.count({"faceit_player_id": "player-1"}) == 1
    assert await repository.get_by_faceit_id("player-1") == winners[0]


async def test_other_ways_to_write_an_account_keep_the_same_rules(both_ways):
    await repository.create_user(7, "player-1", "Nick")
    other = await repository.create({"telegram_id": 8, "faceit_player_id": "player-2"})
    await repository.update_last_checked_match(8, "1-match")

    for call in (
        repository.create({"telegram_id": 9, "faceit_player_id": "player-1"}),
        repository.create_batch([{"telegram_id": 9, "faceit_player_id": "player-1"}]),
        repository.update(other.pk, {"faceit_player_id": "player-1"}),
        repository.update_batch([{"id": other.pk, "faceit_player_id": "player-1"}]),
    ):
        with pytest.raises(FaceitAccountTaken):
            await call
    changed = await repository.update(other.pk, {"faceit_player_id": "player-3"})

    assert (changed.faceit_player_id, changed.last_checked_match_id) == ("player-3", None)
    assert await repository.count() == 2


@pytest.mark.django_db
async def test_an_unknown_user_is_none_for_every_setter():
    assert await repository.link_faceit_account(7, "player-1", "Nick") is None
    assert await repository.unlink_faceit_account(7) is None
    assert await repository.update_last_checked_match(7, "1-match") is None
    assert await repository.set_waiting_for_nickname(7) is None
    assert await repository.set_preferences(7, language="en") is None


@pytest.mark.django_db
async def test_preferences_keep_what_is_not_given():
    await repository.create_user(7)

    await repository.set_preferences(7, language="en")
    user = await repository.set_preferences(7, notifications_enabled=False)

    assert (user.language, user.notifications_enabled) == ("en", False)
    assert await repository.get_by_telegram_id(7) == user


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: repository.link_faceit_account(7, "", "Nick"), "faceit_player_id"),
        (lambda: repository.link_faceit_account(7, "player", "a\x00b"), "faceit_nickname"),
        (lambda: repository.link_faceit_account(7, "x" * 65, "Nick"), "faceit_player_id"),
        (lambda: repository.update_last_checked_match(7, 5), "match_id"),
        (lambda: repository.set_waiting_for_nickname(7, 1), "waiting"),
        (lambda: repository.set_preferences(7, language="x" * 11), "language"),
        (lambda: repository.set_preferences(7, notifications_enabled="no"), "notifications_enabled"),
        (lambda: repository.get_by_faceit_id(7), "faceit_player_id"),
        (lambda: repository.get_by_nickname("\ud800"), "faceit_nickname"),
        (lambda: repository.search_users_by_nickname(""), "nickname_pattern"),
    ],
)
@pytest.mark.django_db
async def test_a_wrong_argument_is_refused_by_name(call, named):
    before = UserFactory.build(telegram_id=7)
    await repository.create_user(7, before.faceit_player_id, before.faceit_nickname)

    with pytest.raises(InvalidInput) as caught:
        await call()

    assert caught.value.context["field"] == named
    user = await repository.get_by_telegram_id(7)
    assert (user.faceit_player_id, user.faceit_nickname) == (before.faceit_player_id, before.faceit_nickname)
