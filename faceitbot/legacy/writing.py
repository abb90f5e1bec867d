"""The second pass: writes what was decided, one transaction per batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from faceitbot.core.progress import Advance
from faceitbot.legacy.decisions import Decisions, Place
from faceitbot.legacy.fates import Code, Deviation
from users.imported_user import ImportedUser
from users.importing import release_faceit_accounts, upsert_imported_users
from users.models import User

_TAKEN = Deviation(
    Code.FACEIT_TAKEN,
    "the FACEIT account belongs to somebody else in the database",
    "user imported, not linked",
)


@dataclass
class Written:
    """What has become of the users so far."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    newer: int = 0


def write_users(
    decisions: Decisions, as_of: datetime, batch_size: int, written: Written, advance: Advance
) -> None:
    """Write all decided users, counting into `written` what becomes of them.

    Concurrency: whatever ends it between two batches, running it again finishes it: rows that are there
    already are equal and stay untouched.
    """
    if User.objects.exists():
        for batch in decisions.batches(batch_size):
            release_faceit_accounts([user for _place, user in batch], as_of)
    done = 0
    for batch in decisions.batches(batch_size):
        _write_batch(batch, as_of, decisions, written)
        done += len(batch)
        advance(done)


def _write_batch(
    batch: Sequence[tuple[Place, ImportedUser]], as_of: datetime, decisions: Decisions, written: Written
) -> None:
    result = upsert_imported_users([user for _place, user in batch], as_of)
    written.created += len(result.created_ids)
    written.updated += result.updated
    written.unchanged += result.unchanged
    written.newer += result.newer
    if result.unlinked:
        places = {user.telegram_id: place for place, user in batch}
        for telegram_id in sorted(result.unlinked, key=places.__getitem__):
            decisions.note(places[telegram_id], telegram_id, _TAKEN)
