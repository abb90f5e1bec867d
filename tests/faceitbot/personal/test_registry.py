"""Every column of every table is in the registry, in one group: whoever adds one must decide."""

import pytest
from django.apps import apps
from django.db.models import ForeignKey

from faceitbot.core import personal
from faceitbot.core.personal import PersonalTable
from users.models import User

GROUPS = ("cleared", "words", "forgotten", "kept", "impersonal")
# About staff, or about nobody.
ELSEWHERE = {"auth", "axes", "contenttypes", "otp_static", "otp_totp", "sessions"}
MODELS = [model for model in apps.get_models() if model._meta.app_label not in ELSEWHERE]


def columns_of(model):
    return {field.attname for field in model._meta.concrete_fields}


def undecided(table: PersonalTable):
    """Give the columns in no group, those that are none, and those in two groups that exclude each other."""
    named = [name for group in GROUPS for name in getattr(table, group)]
    # What is forgotten for everybody may be emptied sooner for one who is erased.
    twice = {name for name in named if named.count(name) > 1} - (set(table.cleared) & set(table.forgotten))
    return columns_of(table.model) ^ set(named) | twice


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_column_is_in_one_group(model):
    declared = {table.model: table for table in personal.tables()}

    assert model in declared
    assert undecided(declared[model]) == set()


def test_a_new_column_would_be_found():
    """Control: a table that leaves one out, and one that has a column in two groups."""
    (whole,) = (table for table in personal.tables() if table.model is User)

    forgetful = PersonalTable(User, cleared=whole.cleared, kept=whole.kept[1:], impersonal=whole.impersonal)
    torn = PersonalTable(User, cleared=whole.cleared, kept=whole.kept, impersonal=(*whole.impersonal, "id"))

    assert undecided(whole) == set()
    assert undecided(forgetful) == {whole.kept[0]}
    assert undecided(torn) == {"id"}


@pytest.mark.parametrize("table", personal.tables(), ids=lambda table: table.name)
def test_what_refers_to_a_user_is_found_by_it(table):
    to_users = {
        field.name
        for field in table.model._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.related_model is User
    }

    # Who brought a user is no owner of his subscription.
    assert to_users - {"referred_by"} <= set(table.owners)


@pytest.mark.parametrize("table", personal.tables(), ids=lambda table: table.name)
def test_what_is_forgotten_says_when(table):
    assert bool(table.forgotten) == bool(table.over)
