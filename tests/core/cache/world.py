"""Simulated processes over a real Valkey and a real row: their steps run in any order, and fail at will.

Each process has its own state, as each real one has, its memory of what it has just read included, and runs
the product's protocol; the world decides whose step is next, whether Redis does it and whether the answer
arrives. Time is the world's own.
"""

import random
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.db import connection

from faceitbot.core.cache.call import NOTHING, Call
from faceitbot.core.cache.counters import HIT, IN_PROCESS, Counters
from faceitbot.core.cache.keys import Key, address
from faceitbot.core.cache.protocol import Fetch, Load, Loaded, Policy, Run, find, mint, move, refill
from faceitbot.core.cache.state import CacheUnavailable, State

TTL_SECONDS = 30.0
LONGEST_STEPS_SECONDS = (0.4, 0.04)  # what has been read is soon too old in some worlds, not in others
ADDRESS = address("interleaving", "1", Key("users", "get_by_id", "7"), "id=7")
POLICY = Policy(TTL_SECONDS)
Steps = Generator[Any, Any, Any]
CODEC = SimpleNamespace(decode=int)


@dataclass
class Process:
    """One process: what it knows of Redis, and the newest version that it has seen."""

    world: "World"
    state: State = field(init=False)
    server: int = 0
    seen: int = 0

    def __post_init__(self) -> None:
        self.begin()
        self.server = self.world.server

    def begin(self) -> None:
        """Know nothing."""
        world = self.world
        self.state = State(
            lambda: world.now, lambda: world.now, world.random.random, shelf_bytes=world.shelf_bytes
        )
        self.seen = 0

    def read(self) -> Steps:
        """Read as the product's drivers do; note what was seen."""
        floor, began, state = self.seen, self.world.now, self.state
        call: Any = Call(SimpleNamespace(state=state), self.world.counters, CODEC, ADDRESS, POLICY)
        version = call.here()
        if version is NOTHING:
            asked = state.shelf.ask()
            found = yield from find(ADDRESS, state)
            version, miss = call.served(found, asked)
            if miss is not None:
                stamps = yield from mint(ADDRESS, miss, state)
                version = call.value_of((yield from refill(ADDRESS, stamps, POLICY, state)))
        self.world.check(self, version, floor, began)

    def write(self) -> Steps:
        """Commit a new version, then move the stamps; the writer has seen its own version."""
        version = self.world.commit()
        yield from move(ADDRESS.stamps[:1], self.state)
        self.seen = max(self.seen, version)
        self.world.told[version] = self.world.now

    def keep(self) -> Steps:
        """Do once what the keeper does all the time."""
        pending = self.state.doubts.pending()
        if pending:
            try:
                yield Run((("DEL", *pending),))
            except CacheUnavailable:
                return
            self.state.doubts.settle(pending)


class World:
    """Redis, the row, the clock, and what has been observed."""

    def __init__(self, client: Any, user_id: UUID, seed: int, shelf_bytes: int = 0) -> None:
        self.random = random.Random(seed)
        self.client = client
        self.user_id = user_id
        self.now = 1_000_000.0
        self.server = 1
        self.commits: list[tuple[float, int]] = [(0.0, 0)]
        self.went_back: list[str] = []
        self.told: dict[int, float] = {}
        self.longest_staleness = self.longest_after_telling = 0.0
        self.reads = 0
        self.counters = Counters()
        self.shelf_bytes = shelf_bytes
        self.longest_step = self.random.choice(LONGEST_STEPS_SECONDS)
        self._snapshot: dict[bytes, bytes] = {}
        self._sql("UPDATE users SET total_requests = 0 WHERE id = %s")
        self.forget()

    @property
    def hits(self) -> int:
        return self.counters.snapshot()[HIT]

    @property
    def in_process(self) -> int:
        return self.counters.snapshot()[IN_PROCESS]

    # ---- The row

    def commit(self) -> int:
        version = self._sql(
            "UPDATE users SET total_requests = total_requests + 1 WHERE id = %s RETURNING total_requests"
        )
        self.commits.append((self.now, version))
        return version

    def load(self) -> Loaded:
        return Loaded(str(self._sql("SELECT total_requests FROM users WHERE id = %s")).encode())

    def _sql(self, sql: str) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(sql, [self.user_id])
            return cursor.fetchone()[0] if cursor.description else None

    # ---- What must hold

    def check(self, process: Process, version: int, floor: int, began: float) -> None:
        self.reads += 1
        if version < floor:
            self.went_back.append(f"{version} after {floor}")
        process.seen = max(process.seen, version)
        newer = [moment for moment, number in self.commits if number == version + 1]
        if newer:
            self.longest_staleness = max(self.longest_staleness, began - newer[0])
            told = self.told.get(version + 1, began)
            self.longest_after_telling = max(self.longest_after_telling, began - told)

    # ---- Redis

    def do(self, process: Process, step: Fetch | Run) -> Any:
        """Do a step; a process that has not met this server yet is greeted first."""
        if process.server != self.server:
            process.server = self.server
            process.state.doubt_everything()
            if self.random.random() < 0.5:
                return CacheUnavailable("the connection was lost")
        if isinstance(step, Fetch):
            return self.client.execute_command("MGET", *step.names)
        return [self.client.execute_command(*command) for command in step.commands][-1]

    def keep_contents(self) -> None:
        """Remember what Redis holds, as a snapshot on disk does."""
        self._snapshot = {name: self.client.dump(name) for name in self._names()}

    def restart(self, *, with_old_contents: bool) -> None:
        self.forget()
        self.server += 1
        if with_old_contents:
            for name, value in self._snapshot.items():
                self.client.restore(name, 600_000, value)

    def forget(self) -> None:
        for name in self._names():
            self.client.delete(name)

    def _names(self) -> list[bytes]:
        return list(self.client.scan_iter("interleaving:*", count=1000))

    # ---- The order of steps

    def interleave(
        self,
        actors: list[tuple[Process, Callable[[], Steps]]],
        steps: int,
        fail: Callable[[Process, Any], str],
    ) -> None:
        """Run the actors' steps in random order; an actor that has ended begins again.

        `fail` decides for each step of Redis: "" it succeeds, "before" it does nothing, "after" its answer is
        lost, "dies" the process ends before it, and another takes its place.
        """
        running: dict[int, tuple[Steps, Any]] = {}

        def end(process: Process) -> None:
            """Let a process die, with all that it was about to do; another one takes its place."""
            for other in [each for each in running if actors[each][0] is process]:
                running.pop(other)[0].close()
            process.begin()
            process.state.doubt_everything()

        for _number in range(steps):
            self.now += self.random.random() * self.longest_step
            number = self.random.randrange(len(actors))
            process, begin = actors[number]
            if number not in running:
                actor = begin()
                running[number] = (actor, self._next(actor, None))
            else:
                actor, step = running.pop(number)
                failure = "" if isinstance(step, Load) else fail(process, step)
                if failure == "dies":
                    actor.close()
                    end(process)
                    continue
                following = self._perform(process, actor, step, failure)
                if following is not None:
                    running[number] = (actor, following)
            if number in running and running[number][1] is None:
                del running[number]

    def _perform(self, process: Process, actor: Any, step: Any, failure: str) -> Any:
        if isinstance(step, Load):
            return self._next(actor, self.load())
        answer: Any = CacheUnavailable(f"lost {failure}")
        if failure != "before":
            answer = self.do(process, step)
        if failure == "after":
            answer = CacheUnavailable("the answer was lost")
        return self._next(actor, answer)

    @staticmethod
    def _next(actor: Any, answer: Any) -> Any:
        try:
            return actor.throw(answer) if isinstance(answer, CacheUnavailable) else actor.send(answer)
        except StopIteration:
            return None
