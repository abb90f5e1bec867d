"""Decides what becomes of the subscription in one record: what was given, used and handed on. Pure."""

import re
from datetime import date, datetime
from typing import NamedTuple

from faceitbot.core import clock
from faceitbot.core.ids import TELEGRAM_ID_MAX
from faceitbot.legacy.fates import Code
from faceitbot.legacy.fields import DECIMAL, Fields
from faceitbot.legacy.shown import shown
from subscriptions.imported_subscription import ImportedSubscription
from subscriptions.models.access import MAX_CODE_LENGTH
from subscriptions.rules import FREE, RANKS

MAX_METHOD_LENGTH = 32
MAX_DAILY_REQUESTS = 2**31 - 1
_PATH = "subscription."
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_BY_HAND = "decide by hand"

# What the small early bot kept: its count of requests is read, its limit is a matter of plans now.
_EARLY_KEYS = frozenset({"requests_used", "requests_limit"})
_KNOWN_KEYS = _EARLY_KEYS | {
    "tier",
    "expires_at",
    "auto_renew",
    "payment_method",
    "daily_requests",
    "last_reset_date",
    "last_request_date",
    "referral_code",
    "referred_by",
    "referrals_count",
}


class _Given(NamedTuple):
    """The part of a subscription that becomes a grant."""

    tier: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


_NOTHING = _Given()


def decide_access(record: Fields, telegram_id: int, registered_at: datetime | None) -> ImportedSubscription:
    """Decide the subscription of a record; access begins when its user registered.

    The number of referrals is looked at, and left behind: it is counted from the referrals themselves.
    """
    found = record.value("subscription")
    if found is None:
        return ImportedSubscription(telegram_id)
    if not isinstance(found, dict):
        what = f"subscription {shown(found)} is not an object"
        record.note(Code.SUBSCRIPTION_UNREADABLE, what, f"as free, {_BY_HAND}", undecided=True)
        return ImportedSubscription(telegram_id)
    fields = record.inside(found, _PATH)
    given = _given(fields, registered_at)
    fields.counter("referrals_count")
    decided = ImportedSubscription(
        telegram_id,
        *given,
        auto_renew=fields.flag("auto_renew", default=False),
        payment_method=fields.text("payment_method", MAX_METHOD_LENGTH) or "",
        daily_requests=fields.counter(_count_of(fields), MAX_DAILY_REQUESTS),
        last_reset_date=_day(fields),
        referral_code=_code(fields),
        referred_by=_referrer(fields, telegram_id),
    )
    fields.note_extra(_KNOWN_KEYS)
    return decided


def _given(fields: Fields, registered_at: datetime | None) -> _Given:
    tier = _tier(fields)
    end = fields.value("expires_at")
    if tier is None:
        return _NOTHING
    if tier == FREE:
        if end is not None and _may_have_been_paid(fields):
            what = f"tier is missing, but expires_at {shown(end)} lies ahead"
            fields.note(Code.TIER_UNKNOWN, what, f"as free, {_BY_HAND}", undecided=True)
        elif end is not None:
            fields.note(
                Code.EXPIRY_ON_FREE, f"expires_at {shown(end)} stands on a free tier", "it is ignored"
            )
        return _NOTHING
    if end is None:
        return _Given(tier, registered_at, None)
    ends_at = fields.moment("expires_at")
    if ends_at is None:
        outcome = f"paid access NOT granted, {_BY_HAND}"
        fields.note(Code.DATE_UNREADABLE, fields.no_date("expires_at"), outcome, undecided=True)
        return _NOTHING
    if ends_at <= clock.now():
        what = f"expires_at {shown(end)} has passed"
        fields.note(Code.EXPIRED, what, f"{tier} kept as history, the tier is free")
    return _Given(tier, registered_at, ends_at)


def _may_have_been_paid(fields: Fields) -> bool:
    """Whether an end that lies ahead stands there alone: what is free by name is free."""
    ends_at = fields.moment("expires_at")
    return fields.value("tier") is None and ends_at is not None and ends_at > clock.now()


def _tier(fields: Fields) -> str | None:
    """Give the tier by the name that it has here, None for one that nobody knows."""
    value = fields.value("tier")
    if value is None:
        return FREE
    tier = value.strip().lower() if isinstance(value, str) else ""
    if tier in RANKS:
        return tier
    what = f"tier {shown(value)} is unknown"
    fields.note(Code.TIER_UNKNOWN, what, f"as free, {_BY_HAND}", undecided=True)
    return None


def _count_of(fields: Fields) -> str:
    return "requests_used" if fields.value("daily_requests") is None else "daily_requests"


def _day(fields: Fields) -> date | None:
    """Give the day of the counted requests: of a moment in the bot's time zone, or as it is written."""
    for name in ("last_reset_date", "last_request_date"):
        value = fields.value(name)
        if isinstance(value, str) and _DAY.fullmatch(value):
            return _written_day(fields, name, value)
        if value is not None:
            moment = fields.past(name)
            return None if moment is None else min(clock.today(moment), clock.today())
    return None


def _written_day(fields: Fields, name: str, value: str) -> date | None:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        fields.note(Code.DATE_UNREADABLE, fields.no_date(name), "field left empty")
        return None
    if day > clock.today():
        fields.note(Code.DATE_UNREADABLE, f"{name} {shown(value)} lies in the future", "field left empty")
        return None
    return day


def _code(fields: Fields) -> str | None:
    value = fields.value("referral_code")
    if value is None:
        return None
    code = fields.cleaned("referral_code", value).strip() if isinstance(value, str) else ""
    if not 1 <= len(code) <= MAX_CODE_LENGTH:
        what = f"referral_code {shown(value)} is not 1 to {MAX_CODE_LENGTH} characters"
        fields.note(Code.CODE_INVALID, what, "without a code")
        return None
    return code


def _referrer(fields: Fields, telegram_id: int) -> int | None:
    value = fields.value("referred_by")
    if value is None:
        return None
    if isinstance(value, str) and DECIMAL.fullmatch(value) and len(value) <= len(str(TELEGRAM_ID_MAX)):
        fields.note(Code.ID_AS_TEXT, f"referred_by {shown(value)} is text", "read as a number")
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= TELEGRAM_ID_MAX:
        what = f"referred_by {shown(value)} is nobody's id"
    elif value == telegram_id:
        what = f"referred_by {value} is the user himself"
    else:
        return value
    fields.note(Code.REFERRER_UNKNOWN, what, "without a referrer")
    return None
