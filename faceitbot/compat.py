"""The old bot's storage on the repositories: a bot moves to the database by changing one import.

    from faceitbot.compat import UserData, storage

The import sets faceitbot up, so nothing has to be called before it; `await faceitbot.close()` belongs at the
end. The names and what they answer are the old ones. What the old storage could not do is done by the
repositories below: calls at the same moment lose nothing, and all of it survives a crash.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from faceitbot.bootstrap import setup

setup()

from faceitbot.core import atomically, clock  # noqa: E402 - importable once faceitbot is set up
from users.models import User  # noqa: E402
from users.repositories import UserRepository  # noqa: E402

__all__ = ["UserData", "storage"]

_users = UserRepository()


@dataclass
class UserData:
    """A user as the old storage gave him, to be changed and saved.

    Units: times that are read are aware (UTC). A naive one that is saved is this machine's local time, which
    is what the old bot wrote.
    """

    user_id: int
    faceit_player_id: str | None = None
    faceit_nickname: str | None = None
    last_checked_match_id: str | None = None
    waiting_for_nickname: bool = False
    language: str = "ru"
    notifications_enabled: bool = True
    created_at: datetime = field(default_factory=clock.now)
    last_active_at: datetime | None = None
    total_requests: int = 0


class Storage:
    """The six coroutines of the old storage; use the one instance, `storage`.

    Errors: those of `faceitbot.core.errors`. The old storage kept whatever it was given; this one says
    `InvalidInput` to what is no user, and `FaceitAccountTaken` where somebody else has the account.
    """

    async def get_user(self, user_id: int) -> UserData | None:
        """Give the user, or None."""
        user = await _users.get_by_telegram_id(user_id)
        return _as_data(user) if user else None

    async def save_user(self, user_data: UserData) -> None:
        """Keep the user as he is given; one who is unknown is registered.

        Concurrency: of two who save, the settings of the last one stay. `total_requests` and `last_active_at`
        only rise, so what was read before others counted takes nothing back.
        """
        await atomically(_save, user_data)

    async def get_all_users(self) -> list[UserData]:
        """Give the users with a FACEIT account, all of them, last active first; one query."""
        return await atomically(_all_users)

    async def update_last_checked_match(self, user_id: int, match_id: str | None) -> None:
        """Remember the match that was checked last; an unknown user is left alone."""
        await _users.update_last_checked_match(user_id, match_id)

    async def increment_request_count(self, user_id: int) -> None:
        """Count one request and remember when it was; an unknown user is left alone.

        Concurrency: calls at the same moment all count.
        """
        await _users.update_last_activity(user_id)

    async def get_user_stats(self) -> dict[str, int]:
        """Give {total_users, active_users, total_requests}; active means within the last 7 days."""
        return await _users.get_totals()


storage = Storage()


def _all_users() -> list[UserData]:
    return [_as_data(user) for user in _users.get_all_users_with_faceit_accounts.blocking()]


def _save(data: UserData) -> None:
    user = _users.create_user.blocking(data.user_id, language=data.language)
    _users.update.blocking(user.pk, _settings(data))
    _users.raise_counters.blocking(
        data.user_id,
        total_requests=data.total_requests,
        created_at=_aware(data.created_at, "created_at"),
        last_active_at=data.last_active_at and _aware(data.last_active_at, "last_active_at"),
    )


def _settings(data: UserData) -> Mapping[str, Any]:
    return {name: getattr(data, name) for name in sorted(UserRepository.updatable)}


def _as_data(user: User) -> UserData:
    assert user.telegram_id is not None  # noqa: S101 - nobody who is erased is found; tells mypy
    return UserData(
        user_id=user.telegram_id,
        faceit_player_id=user.faceit_player_id,
        faceit_nickname=user.faceit_nickname,
        last_checked_match_id=user.last_checked_match_id,
        waiting_for_nickname=user.waiting_for_nickname,
        language=user.language,
        notifications_enabled=user.notifications_enabled,
        created_at=user.created_at,
        last_active_at=user.last_active_at,
        total_requests=user.total_requests,
    )


def _aware(moment: object, name: str) -> datetime:
    if isinstance(moment, datetime) and moment.tzinfo is None:
        moment = moment.astimezone()
    return clock.aware(moment, name)
