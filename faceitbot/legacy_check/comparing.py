"""Compares what a record has to be with what is stored: field by field. Pure, but for the rows handed in.

A difference is *wrong* unless the row's own time says that the user came by it after the time of the file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from faceitbot.core import clock
from faceitbot.legacy_check.expecting import FACEIT, Expected, ExpectedGrant, bounds
from faceitbot.legacy_check.stored import Stored
from subscriptions.granting import projection_of
from subscriptions.models import Grant, GrantSource
from subscriptions.rules import Projection, as_of

ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not as the file has it; `changed` when that happened here later."""

    field: str
    expected: object
    stored: object
    changed: bool


@dataclass(frozen=True)
class Comparison:
    """Compares records of a file of the time `file_time`, as things stand at `now`."""

    file_time: datetime
    now: datetime

    def differences(self, expected: Expected, stored: Stored) -> Iterator[Difference]:
        """Give every field of a user who is there that differs."""
        row = stored.users[expected.telegram_id]
        grants = stored.grants[expected.telegram_id]
        yield from self._of_user(expected, row, stored)
        yield from self._of_grant(expected, row, grants)
        yield from self._of_referral(expected, row, stored)
        if row["subscription__updated_at"] is None:
            yield Difference("subscription", "a row", ABSENT, changed=False)
            return
        yield from self._of_subscription(expected, row, stored)
        yield from self._of_access(row, grants)

    def _of_user(self, expected: Expected, row: Mapping[str, Any], stored: Stored) -> Iterator[Difference]:
        changed = row["updated_at"] >= self.file_time
        wanted = expected.user
        holder = stored.account_holders.get(str(wanted["faceit_player_id"]), expected.telegram_id)
        if holder != expected.telegram_id and row["faceit_player_id"] is None:
            wanted = wanted | dict.fromkeys(FACEIT)  # somebody else has linked that account here
        if wanted["created_at"] is None:
            # The file does not say it: known here before, or taken to be the time of the file.
            wanted = wanted | {"created_at": min(row["created_at"], self.file_time)}
        for name, value in wanted.items():
            if row[name] != value and not self._was_yet_to_come(value, row[name]):
                yield Difference(name, value, row[name], changed)

    def _was_yet_to_come(self, value: object, stored: object) -> bool:
        """Whether the field was rightly left empty: a moment that the day of the import may not have seen."""
        return stored is None and isinstance(value, datetime) and value >= self.file_time

    def _of_subscription(
        self, expected: Expected, row: Mapping[str, Any], stored: Stored
    ) -> Iterator[Difference]:
        wanted = dict(expected.subscription)
        code = wanted["referral_code"]
        if code is not None and stored.code_holders.get(str(code)) not in (None, expected.telegram_id):
            wanted["referral_code"] = None
        wanted["referrals_count"] = stored.referrals_made.get(expected.telegram_id, 0)
        changed = row["subscription__updated_at"] >= self.file_time
        counted = row["subscription__last_reset_date"]
        later = {
            "auto_renew": row["buys"],
            "payment_method": row["buys"],
            "daily_requests": self._is_later_day(counted),
            "last_reset_date": self._is_later_day(counted),
            # Making a code is no change of the row to those who make it.
            "referral_code": wanted["referral_code"] is None,
            "referrals_count": False,
        }
        for name, value in wanted.items():
            found = row[f"subscription__{name}"]
            if found != value:
                is_changed = later[name] or (changed and name not in ("referrals_count", "referral_code"))
                yield Difference(f"subscription.{name}", value, found, is_changed)

    def _is_later_day(self, counted: date | None) -> bool:
        return counted is not None and counted >= clock.today(self.file_time)

    def _of_grant(
        self, expected: Expected, row: Mapping[str, Any], grants: list[Grant]
    ) -> Iterator[Difference]:
        found = next((grant for grant in grants if grant.source == GrantSource.LEGACY), None)
        # Staff who put an older import's grant right revoke it, and give what is due by hand.
        revoked = found is not None and found.revoked_at is not None and found.revoked_at >= self.file_time
        if found is not None and expected.grant is not None and self._comes_to(expected.grant, grants):
            return
        if found is None and expected.grant is not None and self._may_name(expected.grant, row, grants):
            yield Difference("grant", expected.grant.tier, ABSENT, changed=True)
            return
        if expected.grant is None or found is None:
            if found is not None or expected.grant is not None:
                tier = expected.grant.tier if expected.grant else ABSENT
                yield Difference("grant", tier, found.tier if found else ABSENT, revoked)
            return
        starts_at, ends_at = bounds(expected.grant, row["created_at"])
        fields = (
            ("tier", expected.grant.tier, found.tier),
            ("starts_at", starts_at, found.starts_at),
            ("ends_at", ends_at, _end_of(found)),
        )
        for name, value, is_stored in fields:
            if value != is_stored:
                yield Difference(f"grant.{name}", value, is_stored, revoked)

    def _comes_to(self, wanted: ExpectedGrant, grants: list[Grant]) -> bool:
        """Whether the file names what grants that were made here as well come to: it was exported then."""
        due = projection_of(grants, self.now)
        given_here = any(
            grant.source != GrantSource.LEGACY and grant.created_at < self.file_time for grant in grants
        )
        return given_here and (wanted.tier, wanted.ends_at) == (due.tier, due.expires_at)

    def _may_name(self, wanted: ExpectedGrant, row: Mapping[str, Any], grants: list[Grant]) -> bool:
        """Whether the file may name access that was given here before: nobody gives that twice.

        A grant that is the file's own to the microsecond was not given here, whatever its source says.
        """
        by_file = (wanted.tier, *bounds(wanted, row["created_at"]))
        return any(
            grant.created_at < self.file_time
            and (grant.revoked_at is None or grant.revoked_at >= self.file_time)
            and (grant.tier, grant.starts_at, _end_of(grant)) != by_file
            for grant in grants
        )

    def _of_access(self, row: Mapping[str, Any], grants: list[Grant]) -> Iterator[Difference]:
        """Compare what the subscription shows with what all grants come to, whoever gave them."""
        shown = Projection(
            row["subscription__tier"],
            row["subscription__expires_at"],
            row["subscription__next_tier"],
            row["subscription__next_expires_at"],
        )
        shown, due = as_of(shown, self.now), projection_of(grants, self.now)
        for name in ("tier", "expires_at", "next_tier", "next_expires_at"):
            if getattr(shown, name) != getattr(due, name):
                yield Difference(
                    f"subscription.{name}", getattr(due, name), getattr(shown, name), changed=False
                )

    def _of_referral(
        self, expected: Expected, row: Mapping[str, Any], stored: Stored
    ) -> Iterator[Difference]:
        made_at = row["referral__created_at"]
        erased = row["referral__referrer__erased_at"] is not None
        named, found = row["subscription__referred_by__telegram_id"], row["referral__referrer__telegram_id"]
        if made_at is not None and found != named:
            yield Difference("subscription.referred_by", found, named, changed=erased)
        there_since = stored.registered.get(expected.referrer)
        if made_at is None:
            if there_since is not None:
                yield Difference("referral", expected.referrer, ABSENT, there_since >= self.file_time)
            return
        if there_since is None:
            if not erased:
                yield Difference("referral", ABSENT, found, made_at >= self.file_time)
            return
        # What was entered here gives days, or names somebody else; what comes from the file does neither.
        here = made_at >= self.file_time and (found != expected.referrer or self._gave_days(row))
        owned = row["referral__referrer__subscription__referral_code"]
        fields = (
            ("referrer", expected.referrer, found),
            ("code", owned or "", row["referral__code"]),
            ("created_at", row["created_at"], made_at),
            ("referrer_days", 0, row["referral__referrer_days"]),
            ("referee_days", 0, row["referral__referee_days"]),
        )
        for name, value, is_stored in fields:
            if value != is_stored:
                # A code that the referrer has made since was not his when the file was written.
                changed = here or erased or (name == "code" and not is_stored)
                yield Difference(f"referral.{name}", value, is_stored, changed)

    @staticmethod
    def _gave_days(row: Mapping[str, Any]) -> bool:
        """Whether it was worth something to one of the two."""
        return bool(row["referral__referrer_days"] or row["referral__referee_days"])


def _end_of(grant: Grant) -> datetime | None:
    return None if grant.duration is None else grant.starts_at + grant.duration


def shown(value: object) -> str:
    """Give a value as a person reads it."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="microseconds" if value.microsecond else "seconds")
    if isinstance(value, timedelta | date):
        return str(value)
    return "empty" if value is None or value == "" else repr(value) if isinstance(value, str) else str(value)
