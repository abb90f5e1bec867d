"""Stands between a client and PostgreSQL, keeps an answer back, and says that the connection has failed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_FATAL = b"SFATAL\0VFATAL\0C%s\0Mserver conn crashed?\0\0"


class LyingProxy:
    """What the server sends is passed on until `keeping`; `say` ends it with an error of the proxy's own."""

    def __init__(self, host: str, port: int) -> None:
        self._server = host, port
        self._clients: list[asyncio.StreamWriter] = []
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: list[asyncio.Task[None]] = []
        self.keeping = False

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection(*self._server)
        self._clients.append(writer)
        self._writers += [writer, to_server]
        self._tasks += [
            asyncio.create_task(self._pass_on(reader, to_server, is_answer=False)),
            asyncio.create_task(self._pass_on(from_server, writer, is_answer=True)),
        ]

    async def _pass_on(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, is_answer: bool
    ) -> None:
        while data := await source.read(65_536):
            if not (is_answer and self.keeping):
                target.write(data)
        target.close()

    def say(self, sqlstate: bytes) -> None:
        """Tell all clients of an error, and close their connections."""
        fields = _FATAL % sqlstate
        for client in self._clients:
            client.write(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)
            client.close()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for writer in self._writers:
            writer.close()
        ended = (*self._tasks, *(writer.wait_closed() for writer in self._writers))
        await asyncio.gather(*ended, return_exceptions=True)


@asynccontextmanager
async def lying_proxy(host: str, port: int) -> AsyncIterator[tuple[LyingProxy, int]]:
    """Give a proxy in front of a server, and its port."""
    proxy = LyingProxy(host, port)
    listening = await asyncio.start_server(proxy.connect, "127.0.0.1", 0)
    try:
        yield proxy, listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        await proxy.close()
