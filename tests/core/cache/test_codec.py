"""What comes out of the cache is what went in, or nothing."""

import pickle
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db.models.signals import post_init

from faceitbot.core.cache.codec import Codec, Undecodable
from faceitbot.core.models import AuditEntry
from tests.factories import UserFactory
from users.models import User

codec = Codec(User)


def values(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_row_keeps_every_column_and_its_type():
    user = UserFactory.build(last_active_at=datetime(2026, 11, 23, 12, 30, 1, 234567, tzinfo=UTC))

    again = codec.decode(codec.encode(user))

    assert type(again) is User
    assert values(again) == values(user)
    assert {name: type(value) for name, value in values(again).items()} == {
        name: type(value) for name, value in values(user).items()
    }


def test_who_listens_to_new_instances_hears_of_those_from_the_cache():
    heard = []

    def listen(sender, **about):
        heard.append(sender)

    post_init.connect(listen, sender=User)
    try:
        codec.decode(codec.encode(UserFactory.build()))
    finally:
        post_init.disconnect(listen, sender=User)

    assert heard == [User, User]


def test_rows_keep_their_order():
    users = UserFactory.build_batch(3)

    assert [user.pk for user in codec.decode(codec.encode(users))] == [user.pk for user in users]


@pytest.mark.parametrize(
    "plain",
    [
        None,
        [],
        {},
        0,
        1.5,
        "текст",
        True,
        {"total": 3, "rate": 66.67, "languages": {"ru": 2}, "at": datetime(2026, 1, 1, tzinfo=UTC)},
        [{"user_id": 2**52, "nickname": None}],
        {9: "level"},
    ],
)
def test_plain_data_stays_what_it_is(plain):
    again = codec.decode(codec.encode(plain))

    assert again == plain
    assert type(again) is type(plain)


@pytest.mark.parametrize("odd", [(1, 2), {"id": uuid4()}, {1, 2}, [UserFactory.build(), 1], object()])
def test_what_would_come_back_as_something_else_is_refused(odd):
    with pytest.raises(TypeError):
        codec.encode(odd)


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"0rest",
        b"1",
        b"9unknown",
        b"1\x93\x01\x02\x03",
        b"3\xc1",
        pickle.dumps({"a": 1}),
        b"1" + Codec(AuditEntry).encode({"a": 1}),
    ],
)
def test_foreign_bytes_are_refused(garbage):
    with pytest.raises(Undecodable):
        codec.decode(garbage)


def test_other_columns_make_another_version():
    assert codec.version == Codec(User).version
    assert codec.version != Codec(AuditEntry).version
