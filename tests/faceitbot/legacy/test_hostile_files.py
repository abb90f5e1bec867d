"""Whatever bytes come, the answer is records, refusals or one refused file; in little memory and time."""

import io
import json
import tracemalloc
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceitbot.legacy.deciding import decide_file
from faceitbot.legacy.decisions import Decisions
from faceitbot.legacy.errors import LegacyFileRefused
from faceitbot.legacy.fates import Code
from faceitbot.legacy.reader import LegacyReader

MOSCOW = ZoneInfo("Europe/Moscow")
USERS: list[dict[str, object]] = [
    {"user_id": 7, "faceit_nickname": 'жук \\"', "created_at": "2025-01-02T03:04:05+05:00"},
    {"user_id": "8", "total_requests": -1, "last_active_at": 1735787045.5, "faceit_player_id": "p"},
    {"telegram_id": 9, "linked_at": None, "subscription": {"tier": "pro", "list": [1, [2, {}]]}},
]
FILES = [
    json.dumps({"users": USERS, "analytics": {"daily_stats": {}}}, ensure_ascii=False, indent=1).encode(),
    json.dumps({"7": USERS[0], "8": USERS[1], "9": USERS[2]}).encode(),
    json.dumps(USERS).encode("utf-8-sig"),
]
PIECES = [
    *(bytes([byte]) for byte in b'"\\{}[],: \n\0\x1f\x80\xff0-e'),
    *(b"NaN", b"1e999", b"null", b"\\ud800", b"\\u0000", b"\xed\xa0\x80"),
    *(b"9" * 200, b"[" * 30, b'"user_id": 7,'),
]


def decide(data: bytes) -> Decisions | LegacyFileRefused:
    decisions = Decisions()
    try:
        decide_file(io.BytesIO(data), MOSCOW, decisions, lambda _done: None)
    except LegacyFileRefused as refused:
        return refused
    return decisions


@st.composite
def mutated_files(draw: st.DrawFn) -> bytes:
    data = draw(st.sampled_from(FILES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        length = draw(st.sampled_from([0, 0, 1, 2, 10, 1000]))
        piece = draw(st.one_of(st.just(b""), st.sampled_from(PIECES), st.binary(max_size=3)))
        data = data[:start] + piece + data[start + length :]
    return data


@pytest.mark.proof("hostile_files")
def test_a_mutated_file_is_decided_or_refused_with_its_place(full_size: bool):
    checks = settings(max_examples=1_500 if full_size else 400, deadline=None)
    checks(given(mutated_files())(assert_decided_or_refused))()


def assert_decided_or_refused(data: bytes):
    decisions = decide(data)

    if isinstance(decisions, LegacyFileRefused):
        assert 1 <= decisions.line <= data.count(b"\n") + 1
        assert 1 <= decisions.column <= len(data) + 1
        return
    with decisions:
        assert decisions.records >= 1
        assert set(decisions.refused) | set(decisions.noted) <= set(Code)
        (*users,) = (one.user for batch in decisions.batches(2) for one in batch)
        assert len(users) == decisions.users
        assert len({user.telegram_id for user in users}) == len(users)
        assert all(told.sentence.isprintable() for told in [*decisions.refusals(), *decisions.notes()])


def test_fifty_megabytes_are_read_in_a_few(tmp_path: Path):
    path = tmp_path / "big.json"
    record = json.dumps(USERS[0] | {"extra": "x" * 2000}).encode()
    with path.open("wb") as file:
        file.write(b'{"users": [' + record)
        file.writelines(b",\n" + record for _ in range(50_000_000 // len(record)))
        file.write(b"]}")

    with path.open("rb") as file:
        tracemalloc.start()
        try:
            count = sum(1 for _record in LegacyReader(file))
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert count == 50_000_000 // len(record) + 1
    assert peak < 4_000_000
