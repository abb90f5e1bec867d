"""What an old bot did with its storage, on the database: only the import is new.

Run it against the servers of `python3 dev.py run`: `python3 dev.py exec -- python examples/moved_storage.py`.
docs/migration.md says how the users get there.
"""

import asyncio

import faceitbot
from faceitbot.compat import UserData, storage

MARIA = 5_000_000_003


async def session() -> None:
    # The bot has asked for a nickname; this is what it did with the answer.
    maria = await storage.get_user(MARIA) or UserData(user_id=MARIA)
    maria.faceit_player_id, maria.faceit_nickname = "7f2ab5a1-9e1a-4d0b-9b0c-0a1b2c3d4e5f", "maria_cs"
    maria.waiting_for_nickname = False
    await storage.save_user(maria)

    # Fifty updates at once: the old storage counted one or two of them.
    await asyncio.gather(*(storage.increment_request_count(MARIA) for _ in range(50)))

    # `maria` was read before they counted; saving her takes nothing back.
    maria.language = "en"
    await storage.save_user(maria)
    if stored := await storage.get_user(MARIA):
        print(f"{stored.faceit_nickname}, {stored.language}: {stored.total_requests - maria.total_requests}")

    # The round of the notifier: everybody with a FACEIT account, in one query.
    for user in await storage.get_all_users():
        if user.notifications_enabled and user.user_id == MARIA:
            await storage.update_last_checked_match(user.user_id, "1-latest")
    print(sorted(await storage.get_user_stats()))


async def main() -> None:
    try:
        await session()
    finally:
        await faceitbot.close()


asyncio.run(main())
