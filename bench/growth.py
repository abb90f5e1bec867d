"""Hot calls among 10 000 and among 1 000 000 users: two databases, their rounds in turns."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

import psycopg

from bench.catalogue import OWN_DATABASES
from bench.databases import url_of
from bench.operations.ways import no_cache
from bench.results import Ratio, Result
from bench.rounds import Contender, Operation, Server, measure
from bench.sizes import FULL, Size
from bench.world import FIRST_ID, STRIDE
from subscriptions.repositories import SubscriptionRepository
from users.repositories import UserRepository

SMALL, LARGE = 10_000, 1_000_000
QUICK_SMALL, QUICK_LARGE = 1_000, 10_000
MOST_TIMES = 1.3
TASKS = (1, 50)
SECONDS = 0.4
COLUMNS = ("call", "tasks", "us/call among few", "us/call among many", "ratio", "least - most")
# The server makes the rows itself. Nobody has to be told of them: the triggers that watch for what comes late
# stay silent.
_FILL = """
SET session_replication_role = replica;
INSERT INTO users (id, telegram_id, faceit_player_id, faceit_nickname, waiting_for_nickname, language,
    notifications_enabled, total_requests, created_at, updated_at, last_active_at)
SELECT md5('user' || n)::uuid, {first} + n, md5('player' || n), 'player' || n, false, 'ru', true, 1,
    now() - n * interval '1 minute', now(), now() - n % 1000 * interval '1 hour'
FROM generate_series(0, {users} - 1) n;
INSERT INTO user_subscriptions (id, user_id, tier, daily_requests, auto_renew, payment_method,
    referrals_count, created_at, updated_at)
SELECT md5('row' || n)::uuid, md5('user' || n)::uuid, 'free', 0, false, '', 0, now(), now()
FROM generate_series(0, {users} - 1) n;
UPDATE tier_limits SET daily_requests = 1000000;
RESET session_replication_role;
"""
users, subscriptions = UserRepository(), SubscriptionRepository()


class Few:
    """How many users there are, and their keys."""

    number = 0
    keys: list[Any] = []

    def telegram_id(self, number: int) -> int:
        """Give the Telegram id of the user that a call is about."""
        return FIRST_ID + number * STRIDE % self.number

    def key(self, number: int) -> Any:
        """Give the key of the user that a call is about."""
        return self.keys[number % len(self.keys)]


few = Few()


def is_him(number: int, answer: Any) -> bool:
    return bool(answer.telegram_id == few.telegram_id(number))


CALLS = {
    "get_by_telegram_id": Contender(
        "", lambda number: users.get_by_telegram_id(few.telegram_id(number)), is_him, no_cache
    ),
    "get_user_with_subscription": Contender(
        "", lambda number: users.get_user_with_subscription(few.telegram_id(number)), is_him, no_cache
    ),
    "touch": Contender("", lambda number: users.touch(few.telegram_id(number)), is_him, no_cache),
    "consume_request": Contender(
        "",
        lambda number: subscriptions.consume_request(few.key(number)),
        lambda _number, answer: bool(answer.allowed),
        no_cache,
    ),
}


# ---- The process that has one database: reads commands, writes what a round took


async def part(_size: Size, users_there: str) -> None:
    """Measure a round for each line of the standard input: {call, tasks, seconds}."""
    number = few.number = int(users_there)
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        wanted = [few.telegram_id(place) for place in range(min(number, 20_000))]
        found: dict[int, Any] = dict(
            connection.execute(
                "SELECT telegram_id, id FROM users WHERE telegram_id = ANY(%s)", [wanted]
            ).fetchall()
        )
    few.keys = [found[each] for each in wanted]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while line := await asyncio.to_thread(sys.stdin.readline):
        asked = json.loads(line)
        operation = Operation("growth", "", [CALLS[asked["call"]]])
        samples = await measure(
            operation, tasks=asked["tasks"], rounds=1, seconds=asked["seconds"], server=Server(), most=number
        )
        sys.stdout.write(json.dumps(samples[""].rounds[0]._asdict()) + "\n")
        sys.stdout.flush()


# ---- The process that compares


async def grow(size: Size) -> Result:
    """Fill two databases, and measure each call in both in turns."""
    result = Result("growth", "hot calls, and how many users there are", COLUMNS)
    small, large = (SMALL, LARGE) if size is FULL else (QUICK_SMALL, QUICK_LARGE)
    seconds = SECONDS if size is FULL else size.seconds
    url = os.environ["DATABASE_URL"]
    other = url_of(OWN_DATABASES["growth"][1])
    for where, number in ((url, small), (other, large)):
        await asyncio.to_thread(_fill, where, number)
    with _worker(url, small, size) as few_rows, _worker(other, large, size) as many_rows:
        for name in CALLS:
            for tasks in TASKS:
                pairs = []
                for number in range(size.rounds):
                    asked = {"call": name, "tasks": tasks, "seconds": seconds}
                    order = (few_rows, many_rows) if number % 2 else (many_rows, few_rows)
                    took = {worker: _ask(worker, asked) for worker in order}
                    pairs.append((took[few_rows]["wall"], took[many_rows]["wall"]))
                ratios = [many / less for less, many in pairs]
                less, many = (median(column) for column in zip(*pairs, strict=True))
                ratio = median(ratios)
                result.lines.append(
                    [
                        name,
                        str(tasks),
                        f"{less:,.0f}",
                        f"{many:,.0f}",
                        f"{ratio:.2f}",
                        f"{min(ratios):.2f} - {max(ratios):.2f}",
                    ]
                )
                result.figures[f"{name}, {tasks}"] = pairs
                what = f"{name}, {tasks} task{'s' if tasks > 1 else ''}: {large:,} users"
                result.ratios.append(Ratio(what, f"{small:,} users", MOST_TIMES, ratio, ratios, most=True))
    return result


def _fill(url: str, number: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_FILL.format(first=FIRST_ID, users=number).encode())
        connection.execute("VACUUM ANALYZE users, user_subscriptions")
        connection.execute("CHECKPOINT")


@contextmanager
def _worker(url: str, number: int, size: Size) -> "Iterator[subprocess.Popen[str]]":
    """Run a process that measures in one database."""
    with subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-m", "bench.child", "growth", size.name, str(number)],
        env={**os.environ, "DATABASE_URL": url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout  # noqa: S101
        assert process.stdin  # noqa: S101
        if process.stdout.readline() != "ready\n":
            raise AssertionError("the process that measures has ended")
        yield process
        process.stdin.close()


def _ask(process: "subprocess.Popen[str]", asked: dict[str, Any]) -> dict[str, float]:
    assert process.stdout  # noqa: S101
    assert process.stdin  # noqa: S101
    process.stdin.write(json.dumps(asked) + "\n")
    process.stdin.flush()
    answer: dict[str, float] = json.loads(process.stdout.readline())
    return answer


MEASUREMENTS = {"growth": grow}
