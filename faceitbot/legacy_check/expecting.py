"""What a record of the file has to be in the database, by the rules of the format written anew. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from fractions import Fraction

from faceitbot.core import clock
from faceitbot.core.ids import TELEGRAM_ID_MAX
from faceitbot.core.text import (
    MAX_ID_LENGTH,
    MAX_LANGUAGE_LENGTH,
    MAX_NICKNAME_LENGTH,
    remove_hostile_characters,
)
from faceitbot.legacy.fates import Code
from faceitbot.legacy_check.claims import Claims
from faceitbot.legacy_check.reading import FoundRecord
from subscriptions.models.access import LONGEST, MAX_CODE_LENGTH
from subscriptions.tiers import SubscriptionTier

MOST_REQUESTS = 10**12
MOST_REQUESTS_OF_A_DAY = 2**31 - 1
MAX_METHOD_LENGTH = 32
CLOCKS_DIFFER = timedelta(minutes=5)
SHORTEST = timedelta(days=1)
FACEIT = ("faceit_player_id", "faceit_nickname", "last_checked_match_id")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS_FROM = 100_000_000_000
_PLAIN_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DIGITS = re.compile("[0-9]+")
_NOTHING: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class ExpectedGrant:
    """Access of the old bot; a start of None is that of the user here, an end of None is never."""

    tier: str
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Expected:
    """What has to be there about one user; `by_hand` when a person has to decide on his access."""

    number: int
    line: int
    telegram_id: int
    user: dict[str, object]
    subscription: dict[str, object]
    grant: ExpectedGrant | None
    referrer: int | None
    by_hand: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that has to stay out."""

    number: int
    line: int
    code: Code


class _Out(Exception):
    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code


class _Undecided(Exception):
    pass


class Rules:
    """The rules of the format, applied to the records of one file in their order."""

    def __init__(self, naive_zone: tzinfo, now: datetime, claims: Claims) -> None:
        self._naive_zone = naive_zone
        self._now = now
        self._claims = claims

    def expect(self, found: FoundRecord) -> Expected | Refused:
        """Give what has to become of a record."""
        try:
            return self._expect(found)
        except _Out as out:
            return Refused(found.number, found.line, out.code)

    def _expect(self, found: FoundRecord) -> Expected:
        if found.fault is not None:
            raise _Out(found.fault)
        record = found.value
        if not isinstance(record, dict):
            raise _Out(Code.NOT_AN_OBJECT)
        telegram_id = _id_of(record, found.key)
        if not self._claims.first("id", telegram_id):
            raise _Out(Code.DUPLICATE_USER)
        user = self._user(record)
        held = record.get("subscription")
        readable = isinstance(held, dict)
        access: Mapping[str, object] = held if isinstance(held, dict) else _NOTHING
        grant, by_hand = None, held is not None and not readable
        try:
            grant = self._grant(access, user["created_at"])
        except _Undecided:
            by_hand = True
        return Expected(
            found.number,
            found.line,
            telegram_id,
            user,
            self._subscription(access),
            grant,
            _referrer_in(access, telegram_id),
            by_hand,
        )

    def _user(self, record: Mapping[str, object]) -> dict[str, object]:
        player_id = _text(record.get("faceit_player_id"), MAX_ID_LENGTH)
        user: dict[str, object] = {
            "faceit_player_id": player_id,
            "faceit_nickname": _text(record.get("faceit_nickname"), MAX_NICKNAME_LENGTH),
            "last_checked_match_id": _text(record.get("last_checked_match_id"), MAX_ID_LENGTH),
            "waiting_for_nickname": record.get("waiting_for_nickname") is True,
            "language": _text(record.get("language"), MAX_LANGUAGE_LENGTH) or "ru",
            "notifications_enabled": record.get("notifications_enabled") is not False,
            "total_requests": _count(record.get("total_requests"), MOST_REQUESTS),
            "created_at": self._been(record, "created_at", "linked_at"),
            "last_active_at": self._been(record, "last_active_at", "last_activity"),
        }
        if player_id is not None and not self._claims.first("account", player_id):
            user.update(dict.fromkeys(FACEIT))
        return user

    def _subscription(self, access: Mapping[str, object]) -> dict[str, object]:
        count = access.get("daily_requests")
        code = access.get("referral_code")
        code = remove_hostile_characters(code).strip() if isinstance(code, str) else ""
        fits = 0 < len(code) <= MAX_CODE_LENGTH
        return {
            "auto_renew": access.get("auto_renew") is True,
            "payment_method": _text(access.get("payment_method"), MAX_METHOD_LENGTH) or "",
            "daily_requests": _count(
                access.get("requests_used") if count is None else count, MOST_REQUESTS_OF_A_DAY
            ),
            "last_reset_date": self._day(access),
            "referral_code": code if fits and self._claims.first("code", code) else None,
        }

    def _grant(self, access: Mapping[str, object], registered: object) -> ExpectedGrant | None:
        named = access.get("tier")
        tier = "free" if named is None else named.strip().lower() if isinstance(named, str) else ""
        if tier not in SubscriptionTier.values:
            raise _Undecided
        end = access.get("expires_at")
        ends_at = None if end is None else self._moment(end)
        if tier == SubscriptionTier.FREE:
            if named is None and ends_at is not None and ends_at > self._now:
                raise _Undecided
            return None
        starts_at = registered if isinstance(registered, datetime) else None
        if end is None:
            return ExpectedGrant(tier, starts_at, None)
        if ends_at is None:
            raise _Undecided
        return ExpectedGrant(tier, starts_at, ends_at)

    def _day(self, access: Mapping[str, object]) -> date | None:
        today = clock.today(self._now)
        name = "last_request_date" if access.get("last_reset_date") is None else "last_reset_date"
        value = access.get(name)
        if isinstance(value, str) and _PLAIN_DAY.fullmatch(value):
            try:
                day = date.fromisoformat(value)
            except ValueError:
                return None
            return day if day <= today else None
        moment = self._been(access, name)
        return moment and min(clock.today(moment), today)

    def _been(self, record: Mapping[str, object], *names: str) -> datetime | None:
        """Give the moment under the first of the names that is there, unless it is yet to come."""
        value = next((record[name] for name in names if record.get(name) is not None), None)
        moment = self._moment(value)
        return moment if moment is not None and moment <= self._now + CLOCKS_DIFFER else None

    def _moment(self, value: object) -> datetime | None:
        try:
            moment = moment_of(value, self._naive_zone)
        except (ValueError, OverflowError):
            return None
        return moment if moment is not None and moment >= _EPOCH else None


def moment_of(value: object, naive_zone: tzinfo) -> datetime | None:
    """Give the moment that is written as ISO text or as a number since 1970, None for what is neither.

    Errors: `ValueError`, `OverflowError`.
    """
    if isinstance(value, str):
        moment = datetime.fromisoformat(value.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=naive_zone)
        return moment.astimezone(UTC)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    unit = 1_000 if abs(value) > _MILLISECONDS_FROM else 1_000_000
    return _EPOCH + timedelta(microseconds=round(Fraction(value) * unit))


def bounds(grant: ExpectedGrant, registered: datetime) -> tuple[datetime, datetime | None]:
    """Give when a grant has to begin and end: what began after its end, a day before it; within a century."""
    starts_at = grant.starts_at or registered
    if grant.ends_at is None:
        return starts_at, None
    ends_at = grant.ends_at if grant.ends_at - starts_at <= LONGEST else None
    return starts_at if starts_at < grant.ends_at else grant.ends_at - SHORTEST, ends_at


def _id_of(record: Mapping[str, object], key: str | None) -> int:
    early = "telegram_id" in record and "user_id" not in record
    value = record.get("telegram_id" if early else "user_id")
    if value is None:
        value = key
    if value is None:
        raise _Out(Code.ID_MISSING)
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = _number(value)
    if type(value) is not int:
        raise _Out(Code.ID_NOT_INTEGER)
    if not 0 < value <= TELEGRAM_ID_MAX:
        raise _Out(Code.ID_OUT_OF_RANGE)
    return value


def _number(digits: str) -> int:
    """Read a number that may have too many digits to be read; it is only too large then."""
    significant = digits.lstrip("0")[:20]
    return int(significant or "0")


def _text(value: object, most: int) -> str | None:
    text = remove_hostile_characters(value) if isinstance(value, str) else ""
    return text if 0 < len(text) <= most else None


def _count(value: object, most: int) -> int:
    return value if type(value) is int and 0 <= value <= most else 0


def _referrer_in(access: Mapping[str, object], telegram_id: int) -> int | None:
    value = access.get("referred_by")
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = _number(value)
    if type(value) is int and 0 < value <= TELEGRAM_ID_MAX and value != telegram_id:
        return value
    return None
