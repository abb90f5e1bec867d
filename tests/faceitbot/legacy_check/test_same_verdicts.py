"""Two readings of the same format, written apart from each other, say the same of any file."""

import io
import json
from datetime import UTC, datetime, timedelta
from io import TextIOWrapper
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faceitbot.core import clock
from faceitbot.legacy.deciding import decide_file
from faceitbot.legacy.decisions import Decisions
from faceitbot.legacy.errors import LegacyFileRefused
from faceitbot.legacy_check.claims import Claims
from faceitbot.legacy_check.expecting import Expected, Refused, Rules
from faceitbot.legacy_check.reading import CHARACTERS_AT_ONCE, FileUnreadable, RecordReader

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = clock.now()


def by_the_import(data: bytes) -> Any:
    """Give every record's fate as the import decides it; None for a file that it refuses."""
    with Decisions() as decisions:
        try:
            decide_file(io.BytesIO(data), MOSCOW, decisions, lambda _done: None)
        except LegacyFileRefused:
            return None
        refused = {(told.place.record, told.place.line): told.code for told in decisions.refusals()}
        accepted = {
            tuple(one.place): (one.user._asdict(), one.subscription._asdict())
            for batch in decisions.batches(100)
            for one in batch
        }
        return refused, accepted


def by_the_check(data: bytes) -> Any:
    """Give the same as the check expects it."""
    refused, accepted = {}, {}
    with Claims() as claims:
        rules = Rules(MOSCOW, NOW, claims)
        try:
            for found in RecordReader(TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline="")):
                fate = rules.expect(found)
                if isinstance(fate, Refused):
                    refused[fate.number, fate.line] = fate.code
                else:
                    accepted[fate.number, fate.line] = columns(fate)
        except FileUnreadable:
            return None
    return refused, accepted


def columns(expected: Expected) -> tuple[dict[str, Any], dict[str, Any]]:
    grant = expected.grant
    given_access = {
        "tier": grant and grant.tier,
        "starts_at": grant and grant.starts_at,
        "ends_at": grant and grant.ends_at,
    }
    subscription = {**expected.subscription, **given_access, "referred_by": expected.referrer}
    return (
        {**expected.user, "telegram_id": expected.telegram_id},
        {**subscription, "telegram_id": expected.telegram_id},
    )


NASTY = st.sampled_from(
    [
        *(None, True, False, 0, -1, 7, 2**31, 2**52 + 1, 10**13, 1.5, "", " ", "7", "007", "٣"),
        *("x" * 33, "x" * 65, "nul\x00inside", "\ud800", "two\nlines", [], {}, [[1]], {"a": {"b": 1}}),
        *(1735787045, 1735787045123, 1735787045.123457, "2025-01-02", "2025-13-45"),
        *("2025-10-26T01:30:00", "2025-01-02T03:04:05.678901", "2025-01-02T03:04:05Z"),
        *("2025-01-02T03:04:05+05:30", "2099-01-01", "2999-01-01T00:00:00", "1960-01-01"),
        *("9999-12-31T23:59:59", "PRO", " premium ", "free", "platinum", "CODE", " code "),
    ]
)
IDS = st.one_of(st.integers(1, 6), st.sampled_from(["3", "04", 2**52, 0, None, True, 3.0, "x", "9" * 50]))


def objects(ids: dict[str, Any], fields: list[str], **more: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(ids, optional=dict.fromkeys(fields, NASTY) | more)


SUBSCRIPTIONS = objects(
    {},
    [
        *("expires_at", "auto_renew", "payment_method", "daily_requests", "requests_used", "requests_limit"),
        *("last_reset_date", "last_request_date", "referral_code", "referrals_count"),
    ],
    tier=st.sampled_from(["free", "premium", "pro", "PRO", "gold", None, 3, " pro "]),
    referred_by=IDS,
)
FIELDS = [
    *("faceit_player_id", "faceit_nickname", "last_checked_match_id", "waiting_for_nickname", "language"),
    *("notifications_enabled", "created_at", "linked_at", "last_active_at", "last_activity"),
    *("total_requests", "username", "extra"),
]
RECORDS = st.one_of(
    objects({"user_id": IDS}, FIELDS, subscription=st.one_of(SUBSCRIPTIONS, NASTY)),
    objects({}, ["user_id", "faceit_nickname"], telegram_id=IDS, subscription=SUBSCRIPTIONS),
    NASTY,
)
FILES = st.one_of(
    st.builds(lambda records: {"users": records, "analytics": {"a": [1]}}, st.lists(RECORDS, max_size=8)),
    st.lists(RECORDS, max_size=5),
    st.dictionaries(st.sampled_from(["1", "2", "30", "x", "analytics", "-5"]), RECORDS, max_size=5),
    st.builds(lambda records: {"users": records}, st.dictionaries(st.sampled_from("129x"), RECORDS)),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FILES, st.sampled_from([None, 2]))
def test_both_readings_agree_on_any_values(content: Any, indent: int | None):
    data = json.dumps(content, indent=indent).encode()

    assert by_the_check(data) == by_the_import(data)


@settings(max_examples=200, deadline=None)
@given(FILES, st.data())
def test_both_readings_agree_on_damaged_bytes(content: Any, data: st.DataObject):
    whole = json.dumps(content, ensure_ascii=False).encode(errors="surrogatepass")
    at = data.draw(st.integers(0, len(whole)))
    piece = data.draw(
        st.sampled_from(
            [b"", b"}", b"]", b",", b'"', b"NaN", b"9" * 101, b"\x00", b"\xff", b'"a": 1, ', b"[" * 30]
        )
    )
    damaged = whole[:at] + piece + whole[at + data.draw(st.integers(0, 3)) :]

    assert by_the_check(damaged) == by_the_import(damaged)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xef\xbb\xbf",
        b"7",
        b'"users"',
        b'{"users": 7}',
        b'{"users": []}',
        b'{"analytics": {"a": 1}, "7": {"faceit_nickname": "x"}, "y": {}}',
        b'\xef\xbb\xbf[{"user_id": 1}]',
        b'[{"user_id": 1}] x',
        b'[{"user_id": 1},]',
        b'[{"user_id": 1}',
        '[{"user_id": 1}]'.encode("utf-16"),
        b'[{"user_id": 1, "x": ' + b"[" * 200_000 + b"]" * 200_000 + b'}, {"user_id": 2}]',
        b"[" * 200_000,
        b'[{"user_id": ' + b"9" * 6000 + b'}, {"user_id": 2}]',
        b'[{"user_id": 1, "x": {"a": 1, "a": ' + b"[" * 30 + b"]" * 30 + b"}}]",
        b'[{"user_id": 1, "x": -Infinity, "user_id": 2}, 12, null]',
        b'[{"user_id": 1, "x": 1e999}, {"user_id": 1, "x": 0.' + b"1" * 100 + b"}]",
        b"\x00" * 3_000_000,
        # Records that lie across the pieces in which the file is read.
        b"[" + b",\n".join(b'{"user_id": %d, "x": "%s"}' % (n, b"\xd0\xb6" * 30) for n in range(9000)) + b"]",
        b'{"x": "' + b"[" * (2 * CHARACTERS_AT_ONCE) + b'", "users": [1' + b"2" * 20 + b', {"user_id": 3}]}',
    ],
)  # fmt: skip
def test_both_readings_agree_on_hostile_files(data: bytes):
    assert by_the_check(data) == by_the_import(data)


def test_a_moment_that_is_yet_to_come_is_none():
    soon = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    data = json.dumps(
        [{"user_id": 1, "created_at": soon, "subscription": {"last_reset_date": soon}}]
    ).encode()

    assert by_the_check(data) == by_the_import(data)
    assert by_the_check(data)[1][1, 1][0]["created_at"] is None
