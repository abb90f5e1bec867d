"""What the example bot asks FACEIT. Source: FACEIT Data API v4, open.faceit.com/data/v4."""

import asyncio
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Protocol
from urllib.parse import quote

import aiohttp

from faceitbot.core.errors import InvalidInput, Unavailable
from faceitbot.faceit import decode_history, decode_player
from stats.ratings.played import LAST_MATCHES

# Source: the API's header ratelimit-limit is ten a second for a key; they do not arrive as evenly as they go.
SECONDS_BETWEEN = 0.11
SECONDS_TO_ANSWER = 10
# Source: the header ratelimit-reset of a refusal, which says in how many seconds requests are answered again.
SECONDS_TO_RESET = 1.0  # where it does not say
LONGEST_RESET = 5.0  # a user does not wait for more
MATCHES_TO_LOOK_AT = 5
OVER = ("finished", "cancelled", "aborted")
SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
log = logging.getLogger(__name__)


class FaceitFailed(Unavailable):
    """FACEIT is away, asks for patience, or has answered something else than it says it does."""


@contextmanager
def faceits_fault() -> Iterator[None]:
    """Take what cannot be read of a body for a failure of FACEIT's: the user has typed nothing wrong."""
    try:
        yield
    except InvalidInput as error:
        log.warning("a body of FACEIT's cannot be read: %s", error)
        raise FaceitFailed(f"a body of FACEIT's cannot be read: {error}") from error


class Faceit(Protocol):
    """What a bot needs to know; a body comes as FACEIT has sent it, None where there is no such thing."""

    async def player_id(self, nickname: str) -> str | None:
        """Give the id of a player."""

    async def latest_match(self, player_id: str) -> str | None:
        """Give the id of a player's match that is not over, or else of the last one."""

    async def match(self, match_id: str) -> bytes | None:
        """Give the body of a match."""

    async def match_stats(self, match_id: str) -> bytes | None:
        """Give the body of a match's statistics, which there are once it is over."""

    async def player(self, player_id: str) -> bytes | None:
        """Give the body of a player."""

    async def lifetime_stats(self, player_id: str, game: str) -> bytes | None:
        """Give the body of a player's statistics in a game."""

    async def game_stats(self, player_id: str, game: str) -> bytes | None:
        """Give the body of what a player did in his last matches of a game."""


class FaceitApi:
    """The real one, made where a loop runs; tests bring their own."""

    def __init__(
        self, key: str, url: str = "https://open.faceit.com", patience: float = SECONDS_TO_ANSWER
    ) -> None:
        self._session = aiohttp.ClientSession(
            url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=aiohttp.ClientTimeout(total=patience),
        )
        self._next_turn = 0.0

    async def close(self) -> None:
        """Let the connections go."""
        await self._session.close()

    async def player_id(self, nickname: str) -> str | None:
        body = await self._get("players", nickname=nickname)
        with faceits_fault():
            return None if body is None else decode_player(body).player_id

    async def latest_match(self, player_id: str) -> str | None:
        body = await self._get("players", player_id, "history", game="cs2", limit=str(MATCHES_TO_LOOK_AT))
        with faceits_fault():
            played = () if body is None else decode_history(body).matches
            going_on = (match for match in played if match.status not in OVER)
            chosen = next(going_on, played[0] if played else None)
        return chosen.match_id if chosen else None

    async def match(self, match_id: str) -> bytes | None:
        return await self._get("matches", match_id)

    async def match_stats(self, match_id: str) -> bytes | None:
        return await self._get("matches", match_id, "stats")

    async def player(self, player_id: str) -> bytes | None:
        return await self._get("players", player_id)

    async def lifetime_stats(self, player_id: str, game: str) -> bytes | None:
        return await self._get("players", player_id, "stats", game)

    async def game_stats(self, player_id: str, game: str) -> bytes | None:
        # As many as a card's averages are of.
        return await self._get("players", player_id, "games", game, "stats", limit=str(LAST_MATCHES))

    async def _get(self, *path: str, **query: str) -> bytes | None:
        """Ask, and once more after a refusal for having asked too often."""
        address = "/".join(quote(part, safe="") for part in path)
        waited = False
        try:
            while True:
                await self._turn()
                async with self._session.get(f"/data/v4/{address}", params=query) as answer:
                    if answer.status == HTTPStatus.TOO_MANY_REQUESTS and not waited:
                        waited = self._wait(answer)
                        if waited:
                            continue
                    if answer.status == HTTPStatus.NOT_FOUND:
                        return None
                    answer.raise_for_status()
                    return await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("FACEIT did not answer %s: %r", address, error)
            raise FaceitFailed(f"FACEIT did not answer {address}: {error!r}") from error

    def _wait(self, answer: aiohttp.ClientResponse) -> bool:
        """Let all requests wait until FACEIT answers again, and say whether that is soon."""
        told = answer.headers.get("ratelimit-reset", "")
        seconds = float(told) if SECONDS.fullmatch(told) else SECONDS_TO_RESET
        if seconds > LONGEST_RESET:
            return False
        now = asyncio.get_running_loop().time()
        self._next_turn = max(self._next_turn, now + seconds - SECONDS_BETWEEN)
        return True

    async def _turn(self) -> None:
        """Wait until the next request may go."""
        now = asyncio.get_running_loop().time()
        turn = self._next_turn = max(self._next_turn + SECONDS_BETWEEN, now)
        await asyncio.sleep(turn - now)
