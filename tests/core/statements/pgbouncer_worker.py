"""A bot's process whose database is behind PgBouncer; it prints what it has seen."""

import asyncio
import json
import sys
import time
from datetime import UTC, datetime

import faceitbot

faceitbot.setup()

from django.db import connection  # noqa: E402

from faceitbot.core import atomically  # noqa: E402
from faceitbot.core.errors import FaceitBotError  # noqa: E402
from faceitbot.core.statements import ways  # noqa: E402
from faceitbot.core.statements.line import line_of_loop  # noqa: E402
from subscriptions.repositories import SubscriptionRepository  # noqa: E402
from users.models import User  # noqa: E402
from users.repositories import UserRepository  # noqa: E402

users, subscriptions = UserRepository(), SubscriptionRepository()
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PEOPLE = range(1, 21)


def asked(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return str(cursor.fetchone()[0])


async def look_up() -> None:
    """Look everybody up many times, one after the other and together."""
    for _round in range(5):
        for number in PEOPLE:
            assert await users.get_user_with_subscription(number)
        found = await asyncio.gather(*(users.get_user_with_subscription(n) for n in [*PEOPLE] * 10))
        assert [user and user.telegram_id for user in found] == [*PEOPLE] * 10


def rename_both(fails: bool) -> None:
    users.set_preferences.blocking(1, language="fr")
    users.set_preferences.blocking(2, language="it")
    if fails:
        raise LookupError


async def told_after_too_long() -> tuple[str, float]:
    started = time.monotonic()
    try:
        await atomically(asked, "SELECT pg_sleep(60)")
    except FaceitBotError as error:
        return type(error).__name__, time.monotonic() - started
    return "nothing", 0.0


async def main() -> None:
    people = await users.create_batch({"telegram_id": number} for number in PEOPLE)
    await users.touch(3, now=NOON)
    await look_up()
    allowances = await asyncio.gather(
        *(subscriptions.consume_request(user.pk) for _call in range(200) for user in people[:2])
    )
    try:
        await atomically(rename_both, True)
    except LookupError:
        undone = await atomically(lambda: sorted(set(User.objects.values_list("language", flat=True))))
    await atomically(rename_both, False)
    third, line = await users.get_user_with_subscription(3), line_of_loop()
    assert third is not None
    assert line is not None
    print(
        json.dumps(
            {
                "admitted": sum(allowance.allowed for allowance in allowances),
                "undone": undone,
                "done": await atomically(
                    lambda: sorted(set(User.objects.values_list("language", flat=True)))
                ),
                "noon": third.last_active_at == NOON and str(third.last_active_at),
                "ways": {
                    name: ways.calls(name)
                    for name in (
                        "UserRepository.get_user_with_subscription",
                        "RequestMethods.consume_request",
                    )
                },
                "timeouts": [
                    await atomically(asked, "SHOW statement_timeout"),
                    (await line.read("Test.timeout", "SHOW statement_timeout", ()))[0][0],
                ],
                "told": await told_after_too_long(),
            }
        )
    )
    await faceitbot.close()


asyncio.run(look_up() if sys.argv[1:] == ["look"] else main())
