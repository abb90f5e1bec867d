"""Hot calls among 10 000 and among 1 000 000 rows of each kind: two databases, their rounds in turns."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from analytics.models import Metric
from analytics.repositories import AnalyticsRepository
from bench.catalogue import OWN_DATABASES
from bench.databases import url_of
from bench.growth_rows import STARS, Rows, fill
from bench.operations.metrics import TAGS
from bench.operations.ways import no_cache
from bench.results import Ratio, Result
from bench.rounds import Contender, Operation, Server, measure
from bench.sizes import FULL, Size
from bench.world import TEAM
from matches.repositories import MatchCacheRepository, MatchRepository
from stats.repositories import StatsRepository
from subscriptions.payments.checkout import CheckoutDecision
from subscriptions.payments.judging import CURRENCY
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from users.repositories import UserRepository

SMALL, LARGE = 10_000, 1_000_000
QUICK_SMALL, QUICK_LARGE = 1_000, 10_000
MOST_TIMES = 1.3
TASKS = (1, 50)
SECONDS = 0.25
COLUMNS = ("call", "tasks", "us/call among few", "us/call among many", "ratio", "least - most")
users, subscriptions, payments = UserRepository(), SubscriptionRepository(), PaymentRepository()
stats, matches, bodies = StatsRepository(), MatchRepository(), MatchCacheRepository()
analytics = AnalyticsRepository()
rows = Rows()


def player(number: int) -> str:
    return rows.of("player", number)


def match(number: int) -> str:
    return rows.of("match", number)


def team(number: int) -> list[str]:
    return [player(number * TEAM + place) for place in range(TEAM)]


def check_out(number: int) -> Awaitable[CheckoutDecision]:
    return payments.authorise_checkout(rows.of("order", number), rows.telegram_id(number), CURRENCY, STARS)


def is_him(number: int, answer: Any) -> bool:
    return bool(answer.telegram_id == rows.telegram_id(number))


def is_match(number: int, answer: Any) -> bool:
    return bool(answer.match_id == match(number))


def is_allowed(_number: int, answer: Any) -> bool:
    return bool(answer.allowed)


def _call(call: Callable[[int], Awaitable[Any]], is_right: Callable[[int, Any], bool]) -> Contender:
    return Contender("", call, is_right, no_cache)


CALLS = {
    "get_by_telegram_id": _call(lambda number: users.get_by_telegram_id(rows.telegram_id(number)), is_him),
    "get_by_faceit_id": _call(lambda number: users.get_by_faceit_id(player(number)), is_him),
    "get_by_id": _call(lambda number: users.get_by_id(rows.key(number)), is_him),
    "get_user_with_subscription": _call(
        lambda number: users.get_user_with_subscription(rows.telegram_id(number)), is_him
    ),
    "touch": _call(lambda number: users.touch(rows.telegram_id(number)), is_him),
    "get_by_user_id": _call(
        lambda number: subscriptions.get_by_user_id(rows.key(number)),
        lambda number, answer: bool(answer.user_id == rows.key(number)),
    ),
    "can_make_request": _call(lambda number: subscriptions.can_make_request(rows.key(number)), is_allowed),
    "consume_request": _call(lambda number: subscriptions.consume_request(rows.key(number)), is_allowed),
    "authorise_checkout": _call(check_out, lambda _number, answer: bool(answer.ok)),
    "get_player_stats": _call(
        lambda number: stats.get_player_stats(player(number)),
        lambda number, answer: bool(answer.player_id == player(number)),
    ),
    "get_team_stats": _call(
        lambda number: stats.get_team_stats(team(number)),
        lambda number, answer: [each.player_id for each in answer] == team(number),
    ),
    "get_cached_match": _call(lambda number: bodies.get_cached_match(match(number)), is_match),
    "get_by_match_id": _call(lambda number: matches.get_by_match_id(match(number)), is_match),
    "record_metric": _call(
        lambda _number: analytics.record_metric("thing.done", 1, tags=TAGS),
        lambda _number, answer: isinstance(answer, Metric),
    ),
}


# ---- The process that has one database: reads commands, writes what a round took


async def part(_size: Size, users_there: str) -> None:
    """Measure a round for each line of the standard input: {call, tasks, seconds}."""
    rows.users = int(users_there)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while line := await asyncio.to_thread(sys.stdin.readline):
        asked = json.loads(line)
        operation = Operation("growth", "", [CALLS[asked["call"]]])
        samples = await measure(
            operation,
            tasks=asked["tasks"],
            rounds=1,
            seconds=asked["seconds"],
            server=Server(),
            most=rows.users,
        )
        sys.stdout.write(json.dumps(samples[""].rounds[0]._asdict()) + "\n")
        sys.stdout.flush()


# ---- The process that compares


async def grow(size: Size) -> Result:
    """Fill two databases, and measure each call in both in turns."""
    result = Result("growth", "hot calls, and how many rows there are", COLUMNS)
    small, large = (SMALL, LARGE) if size is FULL else (QUICK_SMALL, QUICK_LARGE)
    seconds = SECONDS if size is FULL else size.seconds
    url = os.environ["DATABASE_URL"]
    other = url_of(OWN_DATABASES["growth"][1])
    for where, number in ((url, small), (other, large)):
        await asyncio.to_thread(fill, where, number)
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
    result.remarks.append(
        f"Few: {small:,} users, and as many subscriptions, orders, cards, matches, analyses and events."
        f" Many: {large:,} of each."
    )
    return result


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
