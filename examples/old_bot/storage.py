"""The old storage: the whole file is read, one user is changed, the whole file is written.

It shows what is left behind: of two calls that read at the same moment, the one that writes last wins, and
what the other has written is gone.
"""

import asyncio
import json
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any


def _now() -> str:
    return datetime.now().isoformat()  # noqa: DTZ005 - the old bot's times are those of its machine


@dataclass
class UserData:
    """A user of the old bot."""

    user_id: int
    faceit_player_id: str | None = None
    faceit_nickname: str | None = None
    last_checked_match_id: str | None = None
    waiting_for_nickname: bool = False
    language: str = "ru"
    notifications_enabled: bool = True
    created_at: str = field(default_factory=_now)
    last_active_at: str | None = None
    total_requests: int = 0


class Storage:
    """All users in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def get_user(self, user_id: int) -> UserData | None:
        row = (await self._load()).get(user_id)
        return _user(row) if row else None

    async def save_user(self, user_data: UserData) -> None:
        rows = await self._load()
        rows[user_data.user_id] = {**rows.get(user_data.user_id, {}), **asdict(user_data)}
        text = json.dumps({"users": list(rows.values())}, ensure_ascii=False)
        await asyncio.to_thread(self._path.write_text, text, "utf-8")

    async def get_all_users(self) -> list[UserData]:
        return [_user(row) for row in (await self._load()).values() if row["faceit_player_id"]]

    async def update_last_checked_match(self, user_id: int, match_id: str | None) -> None:
        if user := await self.get_user(user_id):
            user.last_checked_match_id = match_id
            await self.save_user(user)

    async def increment_request_count(self, user_id: int) -> None:
        if user := await self.get_user(user_id):
            user.total_requests += 1
            user.last_active_at = _now()
            await self.save_user(user)

    async def get_user_stats(self) -> dict[str, int]:
        rows = (await self._load()).values()
        week = (datetime.now() - timedelta(days=7)).isoformat()  # noqa: DTZ005
        return {
            "total_users": len(rows),
            "active_users": sum((row["last_active_at"] or "") > week for row in rows),
            "total_requests": sum(row["total_requests"] for row in rows),
        }

    async def _load(self) -> dict[int, dict[str, Any]]:
        if not self._path.exists():
            return {}
        stored = json.loads(await asyncio.to_thread(self._path.read_text, "utf-8"))
        return {row["user_id"]: row for row in stored["users"]}


def _user(row: dict[str, Any]) -> UserData:
    return UserData(**{each.name: row[each.name] for each in fields(UserData)})


storage = Storage(Path("data.json"))
