"""Instances of rows are those that Django makes, also where a model has something to do with each."""

import pytest
from django.db.models.signals import post_init

from faceitbot.core.instances import maker
from tests.factories import UserFactory
from users.models import User

NAMES = [column.attname for column in User._meta.concrete_fields]


@pytest.fixture
def row():
    user = UserFactory.build()
    return tuple(getattr(user, name) for name in NAMES)


def test_an_instance_has_what_django_gives_it(row):
    made, expected = maker(User, NAMES)(row), User.from_db("default", NAMES, row)

    assert type(made) is User
    assert {**vars(made), "_state": vars(made._state)} == {**vars(expected), "_state": vars(expected._state)}
    assert (made._state.adding, made._state.db) == (False, "default")


def test_a_column_that_was_not_read_is_deferred(row):
    made = maker(User, NAMES[:2])(row[:2])

    assert made.get_deferred_fields() == set(NAMES[2:])


def test_who_listens_for_instances_hears_of_each(row):
    heard = []

    def listen(instance, **_signal):
        heard.append(instance)

    post_init.connect(listen, sender=User)
    try:
        made = maker(User, NAMES)(row)
    finally:
        post_init.disconnect(listen, sender=User)

    assert heard == [made]


@pytest.mark.parametrize("name", ["__init__", "from_db"])
def test_a_model_that_makes_its_instances_itself_does_so(row, name, monkeypatch):
    own = []
    original = getattr(User, name)

    def noted(*arguments, **more):
        own.append(name)
        return original(*arguments, **more)

    monkeypatch.setattr(User, name, noted)

    made = maker(User, NAMES)(row)

    assert own == [name]
    assert made == User.from_db("default", NAMES, row)
