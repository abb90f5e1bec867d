"""What the example bot asks FACEIT. Source: FACEIT Data API v4, open.faceit.com/data/v4."""

from http import HTTPStatus
from typing import Any, Protocol

import aiohttp


class FaceitFailed(Exception):
    """FACEIT is away, or has answered something else than it says it does."""


class Faceit(Protocol):
    """What a bot needs to know of players."""

    async def player_id(self, nickname: str) -> str | None:
        """Give the id of a player, or None."""

    async def win_rate(self, player_id: str) -> str:
        """Give a player's win rate in CS2. Units: percent."""


class FaceitApi:
    """The real one; tests bring their own."""

    def __init__(self, key: str, url: str = "https://open.faceit.com") -> None:
        self._headers, self._url = {"Authorization": f"Bearer {key}"}, url

    async def player_id(self, nickname: str) -> str | None:
        body = await self._get("players", nickname=nickname)
        return str(body["player_id"]) if "player_id" in body else None

    async def win_rate(self, player_id: str) -> str:
        body = await self._get(f"players/{player_id}/stats/cs2")
        try:
            return str(body["lifetime"]["Win Rate %"])
        except (KeyError, TypeError) as error:
            raise FaceitFailed("the body has no win rate") from error

    async def _get(self, path: str, **query: str) -> dict[str, Any]:
        """Give a body; an empty one where FACEIT has nothing of that name."""
        try:
            async with aiohttp.ClientSession(self._url, headers=self._headers) as session:
                async with session.get(f"/data/v4/{path}", params=query) as answer:
                    if answer.status == HTTPStatus.NOT_FOUND:
                        return {}
                    answer.raise_for_status()
                    return dict(await answer.json())
        except (aiohttp.ClientError, TimeoutError, TypeError, ValueError) as error:
            raise FaceitFailed(str(error)) from error
