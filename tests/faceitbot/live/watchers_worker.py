"""Many viewers in one process: `watchers_worker.py ADDRESS ORIGIN COOKIE READERS SILENT SECONDS`.

Readers answer each snapshot at once; silent ones never read what comes. It prints "watching" when all are
there, and after the seconds how old snapshots were when they came.
"""

import asyncio
import json
import socket
import sys
import time
from contextlib import suppress
from datetime import datetime
from typing import Any

from websockets.asyncio.client import connect
from websockets.client import ClientProtocol
from websockets.typing import Origin
from websockets.uri import parse_uri

AT_ONCE = 20


class Viewers:
    """What all of them have got."""

    def __init__(self, address: str, origin: str, cookie: str) -> None:
        self.address, self.origin, self.cookie = address, origin, cookie
        self.how: dict[str, Any] = {"origin": origin, "additional_headers": {"Cookie": cookie}, "proxy": None}
        self.ages: list[float] = []
        self.counts: list[int] = []
        self.silent: list[Silent] = []
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
        """Stay, and never read."""
        async with self.coming:
            self.silent.append(await asyncio.to_thread(Silent, self.address, self.origin, self.cookie))
        self.here += 1


class Silent:
    """A viewer whose program has hung: what he is sent stays with the kernel."""

    def __init__(self, address: str, origin: str, cookie: str) -> None:
        uri = parse_uri(address)
        self._protocol = ClientProtocol(uri, origin=Origin(origin))
        request = self._protocol.connect()
        request.headers["Cookie"] = cookie
        self._protocol.send_request(request)
        self._socket = socket.create_connection((uri.host, uri.port), timeout=60)
        self._socket.sendall(b"".join(self._protocol.data_to_send()))
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            got = self._socket.recv(1)  # and nothing of what comes after the handshake
            if not got:
                raise ConnectionError(answer.decode("latin-1"))
            answer += got
        self._protocol.receive_data(answer)
        if self._protocol.handshake_exc:
            raise self._protocol.handshake_exc

    def closed_with(self) -> int | None:
        """Look at last what has come, and give the code that his socket was closed with."""
        self._socket.setblocking(False)
        with suppress(BlockingIOError, ConnectionError):
            while got := self._socket.recv(65_536):
                self._protocol.receive_data(got)
        self._socket.close()
        return self._protocol.close_rcvd.code if self._protocol.close_rcvd else None


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
        "closed": [each.closed_with() for each in viewers.silent],
    }
    print(json.dumps(told), flush=True)
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main())
