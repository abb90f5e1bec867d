"""The second pass: writes what was decided, one transaction per batch."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from faceitbot.core import clock
from faceitbot.core.progress import Advance, Stages
from faceitbot.legacy.decisions import Decided, Decisions, Place, Referred
from faceitbot.legacy.fates import Code, Deviation
from subscriptions.imported_referrals import ImportedReferral, record_imported_referrals
from subscriptions.importing import ImportedSubscriptions, write_imported_subscriptions
from users.importing import release_faceit_accounts, upsert_imported_users
from users.models import User

_Row = TypeVar("_Row")

_FACEIT_TAKEN = Deviation(
    Code.FACEIT_TAKEN,
    "the FACEIT account belongs to somebody else in the database",
    "user imported, not linked",
)
_CODE_TAKEN = Deviation(
    Code.CODE_DUPLICATE,
    "the referral code belongs to somebody else in the database",
    "user imported, without a code",
)
_GIVEN_HERE = "the user was given access here before the time of the file, which may name that"
_NOT_GIVEN_TWICE = Deviation(
    Code.ACCESS_GIVEN_HERE,
    _GIVEN_HERE,
    "user imported, paid access NOT granted again, decide by hand",
    undecided=True,
)
_NO_HISTORY = Deviation(
    Code.ACCESS_GIVEN_HERE, _GIVEN_HERE, "user imported, the access that has ended not kept as history"
)
_DIFFERS = Deviation(
    Code.ACCESS_DIFFERS,
    "the access that an earlier import gave is not what the file says now",
    "it stays, decide by hand what is due",
    undecided=True,
)


@dataclass
class Written:
    """What has become of the users so far, and what they were given."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    newer: int = 0
    grants: int = 0
    grants_differing: int = 0
    referrals: int = 0


def write_decisions(
    decisions: Decisions, as_of: datetime, batch_size: int, written: Written, stages: Stages
) -> None:
    """Write all decided users with their access, then who referred whom; count into `written`.

    Concurrency: whatever ends it between two batches, running it again finishes it: rows that are there
    already are equal and stay untouched.
    """
    if User.objects.exists():
        with stages("comparing", decisions.users) as advance:
            for batch in _advancing(decisions.batches(batch_size), advance):
                release_faceit_accounts([decided.user for decided in batch], as_of)
    with stages("writing", decisions.users) as advance:
        for batch in _advancing(decisions.batches(batch_size), advance):
            _write_batch(batch, as_of, decisions, written)
    with stages("referrals", decisions.referred_users) as advance:
        for referred in _advancing(decisions.referred(batch_size), advance):
            _write_referrals(referred, decisions, written)


def _advancing(batches: Iterable[list[_Row]], advance: Advance) -> Iterator[list[_Row]]:
    """Give the batches; each is done when the next one is asked for."""
    done = 0
    for batch in batches:
        yield batch
        done += len(batch)
        advance(done)


def _write_batch(batch: Sequence[Decided], as_of: datetime, decisions: Decisions, written: Written) -> None:
    access = ImportedSubscriptions()

    def write_access(*, all_new: bool) -> None:
        nonlocal access
        subscriptions = [decided.subscription for decided in batch]
        access = write_imported_subscriptions(subscriptions, as_of, all_new=all_new)

    result = upsert_imported_users([decided.user for decided in batch], as_of, write_access)
    written.created += len(result.created_ids)
    written.updated += result.updated
    written.unchanged += result.unchanged
    written.newer += result.newer
    written.grants += access.grants
    written.grants_differing += len(access.differing)
    places = {decided.user.telegram_id: decided.place for decided in batch}
    _note(decisions, places, result.unlinked, _FACEIT_TAKEN)
    _note(decisions, places, access.without_code, _CODE_TAKEN)
    _note(decisions, places, access.differing, _DIFFERS)
    lasting = {decided.user.telegram_id for decided in batch if _lasts(decided)}
    _note(decisions, places, lasting.intersection(access.withheld), _NOT_GIVEN_TWICE)
    _note(decisions, places, set(access.withheld) - lasting, _NO_HISTORY)


def _lasts(decided: Decided) -> bool:
    ends_at = decided.subscription.ends_at
    return ends_at is None or ends_at > clock.now()


def _write_referrals(batch: Sequence[Referred], decisions: Decisions, written: Written) -> None:
    result = record_imported_referrals([ImportedReferral(one.telegram_id, one.referred_by) for one in batch])
    written.referrals += result.recorded
    unknown = set(result.unknown)
    for one in batch:
        if one.telegram_id in unknown:
            what = (
                f"subscription.referred_by {one.referred_by} is neither in the database nor among the "
                "imported records"
            )
            deviation = Deviation(Code.REFERRER_UNKNOWN, what, "user imported, without a referrer")
            decisions.note(one.place, one.telegram_id, deviation)


def _note(
    decisions: Decisions, places: dict[int, Place], telegram_ids: Iterable[int], deviation: Deviation
) -> None:
    for telegram_id in sorted(telegram_ids, key=places.__getitem__):
        decisions.note(places[telegram_id], telegram_id, deviation)
