"""What the example bot asks FACEIT. Source: FACEIT Data API v4, open.faceit.com/data/v4."""

from http import HTTPStatus
from typing import Any, Protocol

import aiohttp

FaceitFailed = (aiohttp.ClientError, TimeoutError)


class Faceit(Protocol):
    """What a bot needs to know of players."""

    async def player_id(self, nickname: str) -> str | None:
        """Give the id of a player, or None."""

    async def win_rate(self, player_id: str) -> str:
        """Give a player's win rate in CS2. Units: percent."""


class FaceitApi:
    """The real one; tests bring their own."""

    def __init__(self, key: str) -> None:
        self._headers = {"Authorization": f"Bearer {key}"}

    async def player_id(self, nickname: str) -> str | None:
        try:
            return str((await self._get("players", nickname=nickname))["player_id"])
        except aiohttp.ClientResponseError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    async def win_rate(self, player_id: str) -> str:
        return str((await self._get(f"players/{player_id}/stats/cs2"))["lifetime"]["Win Rate %"])

    async def _get(self, path: str, **query: str) -> dict[str, Any]:
        async with aiohttp.ClientSession("https://open.faceit.com", headers=self._headers) as session:
            async with session.get(f"/data/v4/{path}", params=query, raise_for_status=True) as answer:
                return dict(await answer.json())
