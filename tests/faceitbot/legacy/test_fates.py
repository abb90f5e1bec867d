"""Every deviation of a record has its code, and comes in or stays out as that code says."""

import io
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from faceitbot.legacy.fates import Code, Deviation, RecordRefused, sentence
from faceitbot.legacy.mapping import decide_record
from faceitbot.legacy.parsing import parse_record
from faceitbot.legacy.reader import LegacyReader
from users.imported_user import ImportedUser

MOSCOW = ZoneInfo("Europe/Moscow")


def decide(record: str):
    file = io.BytesIO(f"[{record}]".encode())
    (raw,) = LegacyReader(file)
    return decide_record(parse_record(raw, file), raw.key, MOSCOW)


def test_a_record_whose_name_is_not_its_id_comes_in_by_its_id_and_says_so():
    file = io.BytesIO(b'{"07": {"user_id": 7}, "8": {"user_id": 9}}')

    same, other = (decide_record(parse_record(raw, file), raw.key, MOSCOW) for raw in LegacyReader(file))

    assert same.notes == []
    assert (other.user.telegram_id, other.notes[0].code) == (9, "extra_keys")
    assert other.notes[0].what == 'the record stands under "8", its id is 9'


def refusal_of(record: str) -> tuple[str, str]:
    with pytest.raises(RecordRefused) as refused:
        decide(record)
    return refused.value.deviation.code, refused.value.deviation.what


@pytest.mark.parametrize(
    ("record", "code", "what"),
    [
        ("null", "not_an_object", "the record is null, not an object"),
        ('"text"', "not_an_object", 'the record is "text", not an object'),
        ("[1]", "not_an_object", "the record is [1], not an object"),
        ("{}", "id_missing", "user_id is missing"),
        ('{"user_id": null}', "id_missing", "user_id is missing"),
        ('{"telegram_id": null}', "id_missing", "telegram_id is missing"),
        ('{"user_id": true}', "id_not_integer", "user_id true is not an integer"),
        ('{"user_id": 1003.0}', "id_not_integer", "user_id 1003.0 is not an integer"),
        ('{"user_id": "6a"}', "id_not_integer", 'user_id "6a" is not an integer'),
        ('{"user_id": "٣"}', "id_not_integer", 'user_id "٣" is not an integer'),
        ('{"user_id": [1]}', "id_not_integer", "user_id [1] is not an integer"),
        ('{"user_id": 0}', "id_out_of_range", "user_id 0 is not between 1 and 2^52"),
        ('{"user_id": -5}', "id_out_of_range", "user_id -5 is not between 1 and 2^52"),
        (
            '{"user_id": 4503599627370497}',
            "id_out_of_range",
            "user_id 4503599627370497 is not between 1 and 2^52",
        ),
        ('{"user_id": "0"}', "id_out_of_range", "user_id 0 is not between 1 and 2^52"),
        ('{"user_id": 1, "user_id": 1}', "json_duplicate_key", '"user_id" stands twice in one object'),
        ('{"user_id": 1, "x": {"y": 1, "y": 2}}', "json_duplicate_key", '"y" stands twice in one object'),
        ('{"user_id": NaN}', "json_nan", "NaN is not a number"),
        ('{"user_id": 1, "x": -Infinity}', "json_nan", "-Infinity is not a number"),
        ('{"user_id": 1, "x": 1e999}', "json_nan", "1e999 is larger than any number"),
        (
            '{"user_id": 1, "x": ' + "[" * 20 + "]" * 20 + "}",
            "json_too_deep",
            "the record has more than 20 levels",
        ),
        ('{"user_id": ' + "9" * 6000 + "}", "json_number", "a number has more than 100 digits"),
        ('{"user_id": 1, "x": 0.' + "1" * 100 + "}", "json_number", "a number has more than 100 digits"),
    ],
)
def test_a_record_that_nobody_can_use_is_refused(record, code, what):
    assert refusal_of(record) == (code, what)


def test_decimal_text_of_any_length_is_only_out_of_range():
    code, what = refusal_of('{"user_id": "' + "9" * 10_000 + '"}')

    assert code == "id_out_of_range"
    assert len(what) < 100


@pytest.mark.parametrize(
    ("fields", "code", "column", "value"),
    [
        ({"user_id": "0007"}, "id_as_text", "telegram_id", 7),
        ({"total_requests": -3}, "counter_negative", "total_requests", 0),
        ({"total_requests": 2**63}, "counter_negative", "total_requests", 0),
        ({"total_requests": 10**12 + 1}, "counter_negative", "total_requests", 0),
        ({"total_requests": "many"}, "counter_negative", "total_requests", 0),
        ({"created_at": "2025-13-45T00:00:00"}, "date_unreadable", "created_at", None),
        ({"created_at": "9999-12-31T00:00:00"}, "date_unreadable", "created_at", None),
        ({"last_active_at": 32503680000}, "date_unreadable", "last_active_at", None),
        ({"linked_at": "yesterday"}, "date_unreadable", "created_at", None),
        ({"last_active_at": True}, "date_unreadable", "last_active_at", None),
        ({"last_active_at": {}}, "date_unreadable", "last_active_at", None),
        ({"last_activity": 10**40}, "date_unreadable", "last_active_at", None),
        ({"faceit_nickname": "nul\x00inside"}, "text_cleaned", "faceit_nickname", "nulinside"),
        ({"faceit_nickname": "\ud800lone"}, "text_cleaned", "faceit_nickname", "lone"),
        ({"faceit_nickname": "two\nlines"}, "text_cleaned", "faceit_nickname", "twolines"),
        ({"faceit_player_id": "\x07"}, "text_cleaned", "faceit_player_id", None),
        ({"faceit_nickname": 5}, "text_cleaned", "faceit_nickname", None),
        ({"language": ["ru"]}, "text_cleaned", "language", "ru"),
        ({"faceit_nickname": "n" * 65}, "text_too_long", "faceit_nickname", None),
        ({"faceit_player_id": "i" * 65}, "text_too_long", "faceit_player_id", None),
        ({"last_checked_match_id": "m" * 65}, "text_too_long", "last_checked_match_id", None),
        ({"language": "de-AT-x-long"}, "text_too_long", "language", "ru"),
        ({"extra": {"deep": [1, 2]}}, "extra_keys", "telegram_id", 1),
        ({"notifications_enabled": "no"}, "extra_keys", "notifications_enabled", True),
    ],
)
def test_a_value_that_cannot_stay_is_changed_and_noted(fields, code, column, value):
    decided = decide(json.dumps({"user_id": 1, **fields}))

    assert [note.code for note in decided.notes] == [code]
    assert getattr(decided.user, column) == value


def test_raw_control_characters_are_cleaned_like_escaped_ones():
    decided = decide('{"user_id": 1, "faceit_nickname": "raw\x00\x01"}')

    assert decided.user.faceit_nickname == "raw"
    assert [note.code for note in decided.notes] == ["text_cleaned"]


def test_a_whole_record_becomes_the_users_columns():
    decided = decide(
        json.dumps(
            {
                "user_id": 2**52,
                "faceit_player_id": "p",
                "faceit_nickname": "Жук",
                "last_checked_match_id": "1-m",
                "waiting_for_nickname": True,
                "language": "en",
                "notifications_enabled": False,
                "created_at": "2025-01-02T03:04:05.678901",
                "last_active_at": "2025-06-01T12:00:00Z",
                "total_requests": 88,
                "subscription": {"tier": "pro"},
            }
        )
    )

    assert decided.notes == []
    assert decided.user == ImportedUser(
        telegram_id=2**52,
        faceit_player_id="p",
        faceit_nickname="Жук",
        last_checked_match_id="1-m",
        waiting_for_nickname=True,
        language="en",
        notifications_enabled=False,
        total_requests=88,
        created_at=datetime(2025, 1, 2, 0, 4, 5, 678901, tzinfo=UTC),
        last_active_at=datetime(2025, 6, 1, 12, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "record",
    [
        '{"user_id": 7}',
        '{"user_id": 7, "language": null, "total_requests": null, "created_at": null, "faceit_nickname": ""}',
    ],
)
def test_what_is_absent_null_or_empty_gets_the_default_without_a_note(record):
    decided = decide(record)

    assert decided.notes == []
    assert decided.user == ImportedUser(7, None, None, None, False, "ru", True, 0, None, None)


def test_the_early_bots_record_is_read_by_its_own_names():
    decided = decide(
        '{"telegram_id": 7, "username": "u", "first_name": "f", "faceit_player_id": "p",'
        ' "linked_at": "2025-05-27T21:37:30", "subscription": {"tier": "FREE", "requests_used": 2}}'
    )

    assert decided.notes == []
    assert (decided.user.telegram_id, decided.user.faceit_player_id) == (7, "p")
    assert decided.user.created_at == datetime(2025, 5, 27, 18, 37, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("record", "key", "telegram_id"),
    [({}, "123", 123), ({"user_id": None}, "123", 123), ({"user_id": 5}, "5", 5)],
)
def test_the_key_is_the_id_where_the_record_names_none(record, key, telegram_id):
    decided = decide_record(record, key, MOSCOW)

    assert decided.user.telegram_id == telegram_id
    assert decided.notes == []


@pytest.mark.parametrize(("key", "code"), [("abc", "id_not_integer"), ("0", "id_out_of_range")])
def test_a_key_that_is_no_id_refuses_the_record(key, code):
    with pytest.raises(RecordRefused) as refused:
        decide_record({}, key, MOSCOW)

    assert refused.value.deviation.code == code


def test_a_person_reads_a_whole_sentence():
    deviation = Deviation(Code.DATE_UNREADABLE, 'created_at "2025-13-45" is not a date', "field left empty")

    assert sentence(deviation, record=48211, line=1012433, telegram_id=5000048210) == (
        'record 48 211 (line 1 012 433, user 5000048210): created_at "2025-13-45" is not a date '
        "[date_unreadable]: field left empty."
    )


def test_a_hostile_value_is_shown_short_and_harmless():
    _code, what = refusal_of(json.dumps({"user_id": "\x1b[31m\ud800\u2028" + "x" * 500}))

    assert what == 'user_id "\\u001b[31m\\ud800\\u2028' + "x" * 46 + "… is not an integer"
