"""The usage that bot developers were promised, call by call."""

from users.repositories import UserRepository


async def test_create_find_and_update_activity(both_ways):
    user_repo = UserRepository()

    # Create new user
    user = await user_repo.create_user(
        user_id=123456789,
        faceit_player_id="player-uuid",
        faceit_nickname="PlayerName",
    )

    # Update activity
    await user_repo.update_last_activity(123456789)

    assert user.telegram_id == 123456789
    assert (await user_repo.get_by_telegram_id(123456789)).total_requests == 1
