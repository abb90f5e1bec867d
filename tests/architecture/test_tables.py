"""What the models declare is in the database: a migration may take more away than it says."""

import pytest
from django.apps import apps
from django.db import connection


@pytest.mark.django_db
def test_every_declared_constraint_and_index_is_there():
    missing = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            options = model._meta
            there = connection.introspection.get_constraints(cursor, options.db_table)
            declared = [*options.constraints, *options.indexes]
            missing += [each.name for each in declared if each.name not in there]
            columns = [
                sorted(found["columns"] or ())
                for found in there.values()
                if found["unique"] or found["index"]
            ]
            missing += [
                f"{options.db_table}.{field.column}"
                for field in options.concrete_fields
                if (field.unique or getattr(field, "db_index", False)) and [field.column] not in columns
            ]

    assert missing == []
