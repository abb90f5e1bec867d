"""How many analyses a user keeps, however old they are.

It depends on his plan, of which this app knows nothing: the app on top, which knows both, says whom to ask.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

Keeping = Callable[[Sequence[UUID], datetime], Mapping[UUID, int]]
_known: list[Keeping] = []


def ask(keeping: Keeping) -> None:
    """Have a function asked, for users and a moment, how many of their newest analyses each keeps."""
    _known[:] = [keeping]


def kept_by(user_ids: Sequence[UUID], now: datetime) -> Mapping[UUID, int]:
    """Give how many analyses each of these users keeps.

    Errors: `LookupError` when nobody has said whom to ask: rather nothing is deleted than too much.
    """
    if not _known:
        raise LookupError("nobody has said how many analyses users keep")
    return _known[0](user_ids, now)
