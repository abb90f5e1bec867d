"""A process that reads and writes users while its Redis fails; the tests of faults talk to it line by line.

Each line on its input is a command with numbers, each line of its output the answer in JSON. "ready" comes
first. It ends, as a bot does, when its input ends. What it is started with takes a protection away:
`doubts`, `breaker` and `keeper`; with `distrust` it trusts what lies in Redis when it starts, as a command
of `manage.py` does.
"""

import asyncio
import json
import os
import sys
import threading
from time import monotonic
from unittest.mock import patch

import django

import faceitbot

WITHOUT = sys.argv[1:]

if "distrust" in WITHOUT:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "faceitbot.settings")
    django.setup()
else:
    faceitbot.setup()

from django.conf import settings  # noqa: E402

from faceitbot.core import atomically  # noqa: E402
from faceitbot.core.cache import keeper  # noqa: E402
from faceitbot.core.cache.doubts import Doubts  # noqa: E402
from faceitbot.core.cache.registry import counters_of  # noqa: E402
from faceitbot.core.cache.state import State  # noqa: E402
from users.repositories import UserRepository  # noqa: E402

if "doubts" in WITHOUT:
    patch.object(Doubts, "add", lambda _doubts, names: dict.fromkeys(names, 0)).start()
    patch.object(Doubts, "suspect", lambda _doubts, _name: None).start()
if "breaker" in WITHOUT:
    patch.object(State, "is_usable", lambda _state: True).start()
if "keeper" in WITHOUT:
    keeper.RETRY_SECONDS = 3600.0

repository = UserRepository()
read = repository.get_by_telegram_id
commit = threading.Event()


def say(answer):
    print(json.dumps(answer), flush=True)


async def register(first, number):
    """Register so many users."""
    await asyncio.gather(*(repository.touch(user_id) for user_id in range(first, first + number)))
    say("registered")


async def write(user_id):
    """Count a request of the user, which makes a new version; tell how long that took."""
    began = monotonic()
    user = await repository.touch(user_id)
    say({"version": user.total_requests, "seconds": monotonic() - began})


async def write_slowly(user_id):
    """As `write`, but say "written" and wait for the next line before the commit."""

    def body():
        user = repository.touch.blocking(user_id)
        say("written")
        assert commit.wait(30)
        return user, monotonic()

    user, began = await atomically(body)
    say({"version": user.total_requests, "seconds": monotonic() - began})


async def reads(user_id, number):
    """Read a user so many times, one after the other."""
    versions, seconds = [], []
    for _read in range(number):
        began = monotonic()
        versions.append((await read(user_id)).total_requests)
        seconds.append(monotonic() - began)
    say({"versions": versions, "seconds": seconds})


async def reads_in_a_thread(user_id, number):
    """As `reads`, by the synchronous side."""

    def body():
        versions, seconds = [], []
        for _read in range(number):
            began = monotonic()
            versions.append(read.blocking(user_id).total_requests)
            seconds.append(monotonic() - began)
        return {"versions": versions, "seconds": seconds}

    say(await asyncio.to_thread(body))


async def burst(first, number):
    """Read so many users at the same time."""
    began, seconds = monotonic(), []

    async def one(user_id):
        user = await read(user_id)
        seconds.append(monotonic() - began)
        return user.total_requests

    versions = await asyncio.gather(*(one(user_id) for user_id in range(first, first + number)))
    say({"versions": versions, "seconds": seconds})


async def lifetime(seconds):
    """Set how long values live; 0 switches the cache off."""
    settings.CACHES["player_cache"]["TIMEOUT"] = seconds
    say(seconds)


async def counts():
    """Tell what the cache has counted."""
    say(counters_of("player_cache").snapshot())


COMMANDS = {
    function.__name__: function
    for function in (register, write, write_slowly, reads, reads_in_a_thread, burst, lifetime, counts)
}


async def main():
    say("ready")
    tasks = []
    while line := await asyncio.to_thread(sys.stdin.readline):
        name, *numbers = line.split()
        if name == "commit":
            commit.set()
            continue
        tasks.append(asyncio.create_task(COMMANDS[name](*map(int, numbers))))
        if name != "write_slowly":
            await tasks[-1]
    await asyncio.gather(*tasks)
    await faceitbot.close()


asyncio.run(main())
