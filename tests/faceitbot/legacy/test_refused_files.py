"""A file that cannot be trusted is refused with the place where the trouble begins."""

import io

import pytest

from faceitbot.legacy.errors import LegacyFileRefused
from faceitbot.legacy.parsing import parse_record
from faceitbot.legacy.reader import LegacyReader
from faceitbot.legacy.window import MAX_PIECE_BYTES


def parse_all(data: bytes) -> list[object]:
    file = io.BytesIO(data)
    return [parse_record(raw, file) for raw in LegacyReader(file)]


@pytest.mark.parametrize(
    ("content", "line", "column", "why"),
    [
        ("", 1, 1, "the file is empty"),
        (" \n ", 2, 2, "the file is empty"),
        ("\ufeff", 1, 1, "the file is empty"),
        ("[]", 1, 3, "the file holds no record"),
        ('{"users": []}', 1, 14, "the file holds no record"),
        ('{"users": {},\n"analytics": {}}', 2, 17, "the file holds no record"),
        ("{}", 1, 3, "the file holds no record"),
        ("5", 1, 1, "the data must be a list or an object of users"),
        ('"users"', 1, 1, "the data must be a list or an object of users"),
        ("\0\0\0\0\0\0", 1, 1, "the data must be a list or an object of users"),
        ('{"users": null}', 1, 11, '"users" must hold a list or an object'),
        ("[1,]", 1, 4, "expected a value"),
        ("[1 2]", 1, 4, "expected , or ]"),
        ("[1", 1, 3, "the file is cut: it ends within record 1, which begins in line 1"),
        ('{"users": [{}', 1, 14, "the file is cut: it ends"),
        ("{7: {}}", 1, 2, "expected a name in quotes"),
        ('{"7" {}}', 1, 6, "expected :"),
        ("[1]\nЖ", 2, 1, "the data ends here, but the file goes on"),
        ("[1]\0\0\0", 1, 4, "the data ends here, but the file goes on"),
        (
            '[{"a": 1},\n {"b": [1, "Ж',
            2,
            14,
            "the file is cut: it ends within record 2, which begins in line 2",
        ),
        ('[\n{"Ж": tru}]', 2, 7, "record 1 is not valid JSON (Expecting value)"),
        ('[1, {"a": ]]', 1, 11, "record 2 is not valid JSON (Expecting value)"),
        ("[[1, 2}]", 1, 7, "record 1 is not valid JSON (Expecting ',' delimiter)"),
        ("[tru]", 1, 2, "record 1 is not valid JSON (Expecting value)"),
    ],
)
def test_a_broken_file_is_refused_with_line_and_column(content, line, column, why):
    with pytest.raises(LegacyFileRefused) as refused:
        parse_all(content.encode())

    assert (refused.value.line, refused.value.column) == (line, column)
    assert str(refused.value) == f"line {line}, column {column}: {why}"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named(encoding):
    with pytest.raises(LegacyFileRefused, match=r"line 1, column 1: .*it looks like UTF-16"):
        parse_all('[{"user_id": 7}]'.encode(encoding))


def test_a_byte_that_is_not_utf_8_is_found_behind_the_first_window():
    filler = "Ж" * 200_000

    with pytest.raises(LegacyFileRefused) as refused:
        parse_all(f'["{filler}",\n"Ж'.encode() + b"\xff" + b'"]')

    assert (refused.value.line, refused.value.column) == (2, 3)


def test_a_cut_within_a_character_is_told_from_a_wrong_byte():
    with pytest.raises(LegacyFileRefused, match="line 1, column 3: the file is cut within a character"):
        parse_all('["Ж'.encode()[:-1])


def test_a_record_that_does_not_fit_into_memory_refuses_the_file():
    endless = b'[{"a": "' + b"x" * (MAX_PIECE_BYTES + 300_000)

    with pytest.raises(LegacyFileRefused, match="line 1, column 2: one record takes more than 4 MiB"):
        parse_all(endless)
