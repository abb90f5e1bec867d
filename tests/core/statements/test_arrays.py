"""Arrays as text are read by PostgreSQL as the driver's own are."""

from uuid import UUID, uuid4

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from faceitbot.core.statements import arrays

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=20)
KINDS = {
    "bigint": (arrays.numbers, st.integers(-(2**63), 2**63 - 1)),
    "uuid": (arrays.uuids, st.uuids()),
    "text": (
        arrays.texts,
        TEXTS | st.sampled_from(["NULL", "null", "", "{}", "a,b", '"', "\\", '\\\\"', " x "]),
    ),
}


class EveryKind(TestCase):
    @given(st.data())
    def test_what_is_read_is_what_was_written(self, data: st.DataObject) -> None:
        kind = data.draw(st.sampled_from(sorted(KINDS)))
        write, values = KINDS[kind]
        given_values = data.draw(st.lists(values, max_size=8))

        with connection.cursor() as cursor:
            cursor.execute(f"SELECT %s::{kind}[]", [write(given_values)])
            (found,) = cursor.fetchone()

        assert found == given_values


@pytest.mark.parametrize("values", [[], [uuid4()], [UUID(int=0), UUID(int=2**128 - 1)]])
def test_uuids_need_no_quotes(values):
    assert arrays.uuids(values).strip("{}").replace(",", "") == "".join(value.hex for value in values)
