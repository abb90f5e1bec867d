"""Each shape of the old file gives its records, with the place where each stands."""

import json

import pytest

from tests.faceitbot.legacy.conftest import read

USER = {"user_id": 7, "faceit_nickname": 'жук, {["\\'}
ONE = json.dumps(USER, ensure_ascii=False)


@pytest.mark.parametrize(
    ("content", "keys"),
    [
        (f'{{"users": [{ONE}, {ONE}]}}', [None, None]),
        (f'{{"analytics": {{"daily_stats": [1, {{}}]}}, "users": [{ONE}, {ONE}]}}', [None, None]),
        (f'{{"users": [{ONE}, {ONE}], "analytics": {{"x": "]}}"}}}}', [None, None]),
        (f'{{"users": {{"7": {ONE}, "8": {ONE}}}}}', ["7", "8"]),
        (f'{{"7": {ONE}, "8": {ONE}}}', ["7", "8"]),
        (f'{{"analytics": {{}}, "x7": {ONE}, "8": {ONE}}}', ["x7", "8"]),
        (f'{{"users": [{ONE}], "8": {ONE}}}', [None, "8"]),
        (f"[{ONE}, {ONE}]", [None, None]),
        (f" \n[ \t{ONE}\r\n,{ONE} ]\n ", [None, None]),
    ],
)
def test_the_records_of_every_shape_are_found(content, keys):
    records = read(content.encode())

    assert [json.loads(record.data) for record in records] == [USER, USER]
    assert [record.key for record in records] == keys
    assert [record.number for record in records] == [1, 2]


def test_a_record_knows_its_line_and_its_bytes():
    content = f'{{"users": [\n{ONE},\n\n{ONE}]}}'.encode()

    first, second = read(content)

    assert (first.line, second.line) == (2, 4)
    assert content[second.offset : second.offset + len(second.data)] == ONE.encode()


def test_a_byte_order_mark_is_passed_over():
    assert [record.data for record in read(b"\xef\xbb\xbf[{}]")] == [b"{}"]


@pytest.mark.parametrize("value", ["null", "true", "-5", "1.5e3", '"text, ]}"', "[1, [2]]", "{}"])
def test_a_record_may_be_any_value(value):
    assert [record.data for record in read(f"[{value} ,{value}]".encode())] == [value.encode()] * 2


@pytest.mark.parametrize("length", [262_100, 262_143, 262_144, 262_145, 600_000])
def test_a_text_across_the_windows_edge_stays_whole(length):
    # The window moves by 262 144 bytes; "\\" ends the text's last byte pair on both sides of the edge.
    long = json.dumps({"a": "\\" * (length // 2), "b": [{"c": "Ж" * 9}]}, ensure_ascii=False)

    records = read(f"[{long},{ONE},{long}]".encode())

    assert [record.data.decode() for record in records] == [long, ONE, long]


def test_a_record_with_more_than_twenty_levels_is_marked():
    twenty, more = "[" * 20 + "]" * 20, "[" * 21 + "]" * 21

    assert [record.too_deep for record in read(f"[{twenty},{more}]".encode())] == [False, True]


def test_200_000_brackets_are_one_record_that_is_too_deep():
    deep = b"[" * 200_000 + b"]" * 200_000

    records = read(b"[" + deep + b",1]")

    assert [record.too_deep for record in records] == [True, False]
