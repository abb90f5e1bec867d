"""By which key the calls about a user share a statement."""

from datetime import datetime
from uuid import UUID

from faceitbot.core.ids import row_id


def user_key(user_id: UUID) -> UUID:
    """Give the id of a user. Errors: `InvalidInput` for what is none."""
    return row_id(user_id, "user_id")


def user_at_present(user_id: UUID, now: datetime | None = None) -> UUID | None:
    """The same; None for a call about another moment, which its body answers."""
    return user_key(user_id) if now is None else None
