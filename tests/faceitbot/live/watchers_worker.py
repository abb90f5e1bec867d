"""Many viewers in one process: `watchers_worker.py ADDRESS ORIGIN COOKIE READERS SILENT SECONDS`.

Readers answer each snapshot at once; silent ones take what comes, and say nothing. It prints "watching" when
all are there, and after the seconds how old snapshots were when they came.
"""

import asyncio
import json
import sys
import time
from datetime import datetime
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

AT_ONCE = 20


class Viewers:
    """What all of them have got."""

    def __init__(self, address: str, origin: str, cookie: str) -> None:
        self.address = address
        self.how: dict[str, Any] = {"origin": origin, "additional_headers": {"Cookie": cookie}, "proxy": None}
        self.ages: list[float] = []
        self.counts: list[int] = []
        self.closed: list[int | None] = []
        self.coming, self.here = asyncio.Semaphore(AT_ONCE), 0
        self.measuring = False

    async def read(self) -> None:
        """Watch until the end."""
        async with self.coming:
            viewer = await connect(self.address, **self.how)
        self.here += 1
        number = len(self.counts)
        self.counts.append(0)
        async for text in viewer:
            age = time.time() - datetime.fromisoformat(json.loads(text)["at"]).timestamp()
            if self.measuring:
                self.ages.append(age)
                self.counts[number] += 1
            await viewer.send("got it")

    async def be_silent(self) -> None:
        """Take the first snapshot and stay; note how that ends."""
        async with self.coming:
            viewer = await connect(self.address, **self.how)
        self.here += 1
        try:
            while True:
                await viewer.recv()
        except ConnectionClosed as closed:
            self.closed.append(closed.rcvd.code if closed.rcvd else None)


async def main() -> None:
    address, origin, cookie = sys.argv[1:4]
    readers, silent, seconds = map(int, sys.argv[4:])
    viewers = Viewers(address, origin, cookie)
    tasks = [asyncio.create_task(viewers.read()) for _each in range(readers)]
    tasks += [asyncio.create_task(viewers.be_silent()) for _each in range(silent)]
    while viewers.here < readers + silent:
        await asyncio.sleep(0.05)
        for task in tasks:
            if task.done():
                task.result()
    print(json.dumps("watching"), flush=True)
    viewers.measuring = True
    await asyncio.sleep(seconds)
    viewers.measuring = False
    ages = sorted(viewers.ages)
    told = {
        "snapshots": len(ages),
        "fewest": min(viewers.counts),
        "most": max(viewers.counts),
        "p50": ages[len(ages) // 2],
        "p99": ages[int(len(ages) * 0.99)],
        "worst": ages[-1],
        "closed": viewers.closed,
    }
    print(json.dumps(told), flush=True)
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main())
