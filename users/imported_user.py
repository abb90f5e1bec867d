"""A user as another system knew him. Pure: readers of files need no database to make one."""

from datetime import datetime
from typing import NamedTuple


class ImportedUser(NamedTuple):
    """The columns that come from outside; a `created_at` of None is not known."""

    telegram_id: int
    faceit_player_id: str | None
    faceit_nickname: str | None
    last_checked_match_id: str | None
    waiting_for_nickname: bool
    language: str
    notifications_enabled: bool
    total_requests: int
    created_at: datetime | None
    last_active_at: datetime | None

    def unlinked(self) -> "ImportedUser":
        """Give the same user without a FACEIT account."""
        return self._replace(faceit_player_id=None, faceit_nickname=None, last_checked_match_id=None)
