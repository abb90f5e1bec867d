"""What is stored as JSON is plain, whatever it was made of."""

import json
from enum import Enum, IntEnum, StrEnum

import pytest

from faceitbot.core.errors import InvalidInput
from faceitbot.core.json_values import clean_json


class OldText(str, Enum):  # noqa: UP042 - the form before StrEnum is what is tested
    A = "a"


class Text(StrEnum):
    A = "a"


class Number(IntEnum):
    ONE = 1


@pytest.mark.parametrize(("value", "plain"), [(OldText.A, "a"), (Text.A, "a"), (Number.ONE, 1)])
def test_a_member_of_an_enum_is_its_value(value, plain):
    cleaned = clean_json({"value": [value]}, "body")

    assert json.dumps(cleaned) == json.dumps({"value": [plain]})
    assert type(cleaned["value"][0]) is type(plain)


def test_so_is_one_that_is_a_key():
    assert clean_json({OldText.A: 1}, "body") == {"a": 1}
    assert [type(key) for key in clean_json({OldText.A: 1}, "body")] == [str]


def test_another_enum_is_refused_by_its_path():
    class Colour(Enum):
        RED = object()

    with pytest.raises(InvalidInput, match=r"body\.shade is Colour, which JSON does not know"):
        clean_json({"shade": Colour.RED}, "body")
