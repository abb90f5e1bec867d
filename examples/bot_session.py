"""What a bot does with users, from the first message to shutdown.

Run it against the servers of `python3 dev.py run`: `python3 dev.py exec -- python examples/bot_session.py`.
"""

import asyncio

import faceitbot

faceitbot.setup()

from users.errors import FaceitAccountTaken  # noqa: E402 - importable once faceitbot is set up
from users.repositories import UserRepository  # noqa: E402

MARIA, THIEF = 5_000_000_001, 5_000_000_002


async def session() -> None:
    users = UserRepository()

    # Every update begins with the one call that registers, counts and answers.
    maria = await users.touch(MARIA, language="en")
    print(f"{maria.telegram_id} has made {maria.total_requests} requests")

    # She answers the bot's question for her FACEIT nickname.
    await users.set_waiting_for_nickname(MARIA)
    linked = await users.link_faceit_account(MARIA, "6f2ab5a1-9e1a-4d0b-9b0c-0a1b2c3d4e5f", "Мария_CS")
    if linked:
        print(f"linked to {linked.faceit_nickname}, still waiting: {linked.waiting_for_nickname}")

    # An account belongs to one user, however many ask for it.
    await users.touch(THIEF)
    try:
        await users.link_faceit_account(THIEF, "6f2ab5a1-9e1a-4d0b-9b0c-0a1b2c3d4e5f", "Мария_CS")
    except FaceitAccountTaken as error:
        print(f"{error.code}: {error}")

    # Concurrent updates lose nothing.
    before = maria.total_requests
    await asyncio.gather(*(users.touch(MARIA) for _ in range(50)))
    found = await users.get_by_nickname("мария_cs")
    print(f"{found.total_requests - before if found else 0} requests counted")
    print(await users.get_user_stats())


async def main() -> None:
    try:
        await session()
    finally:
        await faceitbot.close()


asyncio.run(main())
