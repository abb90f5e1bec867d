"""What every repository promises about the rows of its model. Runs against all there are."""

import copy
import uuid
from dataclasses import make_dataclass

import pytest

from faceitbot.core import atomically
from faceitbot.core.errors import Conflict, InvalidInput, UnknownField
from tests.repositories.samples import LEDGERS, SAMPLES, product_repositories, writable_repositories


def test_every_repository_takes_part():
    assert set(product_repositories()) == set(SAMPLES) | set(LEDGERS)
    assert set(writable_repositories()) == set(SAMPLES)


@pytest.fixture(params=writable_repositories(), ids=lambda repository: repository.__qualname__)
def repository(request, both_ways):
    return request.param()


@pytest.fixture
def sample(repository):
    return SAMPLES[type(repository)]


def values_of(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


async def test_a_created_row_is_found_by_its_id_with_every_column(repository, sample):
    created = await repository.create(sample.new(1))

    stored = await repository.get_by_id(created.pk)

    assert values_of(stored) == values_of(created)
    assert await repository.exists(created.pk) is True
    assert await repository.count() == 1


async def test_a_row_is_created_from_a_dataclass_and_from_a_model(repository, sample):
    given = sample.new(1)
    from_dataclass = make_dataclass("Given", given)(**given)

    class FromModel:
        def model_dump(self):
            return sample.new(2)

    rows = [await repository.create(from_dataclass), await repository.create(FromModel())]

    assert [getattr(row, sample.unique) for row in rows] == [
        sample.new(1)[sample.unique],
        sample.new(2)[sample.unique],
    ]


@pytest.mark.parametrize("wrong", [None, 7, "text", ["list"], dict])
async def test_what_is_no_row_is_refused(repository, wrong):
    with pytest.raises(InvalidInput, match="obj_in"):
        await repository.create(wrong)

    assert await repository.count() == 0


async def test_an_unknown_field_is_refused_and_nothing_is_written(repository, sample):
    with pytest.raises(UnknownField, match="no_such_field"):
        await repository.create({**sample.new(1), "no_such_field": 1})
    row = await repository.create(sample.new(1))
    with pytest.raises(UnknownField, match="no_such_field"):
        await repository.update(row.pk, {**sample.change, "no_such_field": 1})

    assert values_of(await repository.get_by_id(row.pk)) == values_of(row)


async def test_a_field_that_a_rule_owns_is_not_writable(repository, sample):
    row = await repository.create(sample.new(1))

    for call in (
        repository.create({**sample.new(2), sample.owned: 1}),
        repository.update(row.pk, {sample.owned: 1}),
        repository.update_batch([{"id": row.pk, sample.owned: 1}]),
        repository.create_batch([{**sample.new(3), sample.owned: 1}]),
    ):
        with pytest.raises(UnknownField, match=sample.owned):
            await call

    assert values_of(await repository.get_by_id(row.pk)) == values_of(row)
    assert await repository.count() == 1


async def test_a_taken_value_is_a_conflict_that_names_the_field(repository, sample):
    first = await repository.create(sample.new(1))

    with pytest.raises(Conflict) as caught:
        await repository.create(sample.new(1))

    assert sample.unique in caught.value.context["field"].split(", ")
    assert [row.pk for row in await repository.get_all()] == [first.pk]


async def test_an_update_changes_what_is_given_and_nothing_else(repository, sample):
    row = await repository.create(sample.new(1))

    updated = await repository.update(row.pk, dict(sample.change))

    expected = {**values_of(row), **sample.change, "updated_at": updated.updated_at}
    assert values_of(updated) == values_of(await repository.get_by_id(row.pk)) == expected
    assert updated.updated_at > row.updated_at
    assert await repository.update(uuid.uuid4(), dict(sample.change)) is None


async def test_a_row_is_deleted_once(repository, sample):
    row = await repository.create(sample.new(1))

    assert await repository.delete(row.pk) is True
    assert await repository.delete(row.pk) is False
    assert await repository.get_by_id(row.pk) is None
    assert await repository.exists(row.pk) is False


@pytest.mark.parametrize("wrong", [7, True, None, 1.5, "no uuid", b"bytes"])
async def test_what_is_no_id_is_refused_by_name(repository, sample, wrong):
    for call in (repository.get_by_id, repository.exists, repository.delete):
        with pytest.raises(InvalidInput, match="id must be a UUID"):
            await call(wrong)
    with pytest.raises(InvalidInput, match="id must be a UUID"):
        await repository.update(wrong, dict(sample.change))


async def test_an_id_may_be_written_as_text(repository, sample):
    row = await repository.create(sample.new(1))

    assert await repository.get_by_id(str(row.pk)) == row


async def test_lists_come_newest_first_and_in_pages(repository, sample):
    for number in range(5):
        await repository.create(sample.new(number))

    async def page(**options):
        rows = await repository.get_all(**options)
        return [getattr(row, sample.order) for row in rows]

    wanted = [sample.new(number)[sample.order] for number in range(5)]
    assert await page() == wanted[::-1]
    assert await page(skip=1, limit=2) == wanted[::-1][1:3]
    assert await page(order_by=sample.order, skip=3) == wanted[3:]
    assert await page(filters={sample.order: {"gt": wanted[2]}}) == wanted[:2:-1]


async def test_equal_values_come_in_the_order_of_their_keys_on_every_page(repository, sample):
    rows = await repository.create_batch([sample.new(number) for number in range(9)])
    constant = next(
        name for name in sorted(repository.fields) if len({getattr(row, name) for row in rows}) == 1
    )

    pages = [await repository.get_all(order_by=constant, skip=skip, limit=2) for skip in range(0, 9, 2)]

    assert [row.pk for page in pages for row in page] == sorted(row.pk for row in rows)


@pytest.mark.parametrize("wrong", [None, 5, "text", {"id": 1}])
async def test_what_is_no_list_is_refused_by_name(repository, wrong):
    for call, name in (
        (repository.create_batch(wrong), "objects"),
        (repository.update_batch(wrong), "updates"),
        (repository.delete_batch(wrong), "ids"),
        (repository.get_values(wrong), "fields"),
        (repository.get_with_relationships(uuid.uuid4(), wrong), "relationships"),
    ):
        with pytest.raises(InvalidInput, match=f"{name} must be a list"):
            await call


async def test_values_hold_the_named_columns_only(repository, sample):
    row = await repository.create(sample.new(1))

    found = await repository.get_values(["id", sample.order])

    assert found == [{"id": row.pk, sample.order: getattr(row, sample.order)}]
    with pytest.raises(UnknownField):
        await repository.get_values(["no_such_field"])
    with pytest.raises(InvalidInput):
        await repository.get_values([])


async def test_rows_are_found_by_one_field(repository, sample):
    rows = [await repository.create(sample.new(number)) for number in range(3)]

    found = await repository.find_by_field(sample.unique, sample.new(1)[sample.unique])

    assert found == [rows[1]]
    assert await repository.find_by_field(sample.unique, sample.new(9)[sample.unique]) == []
    with pytest.raises(UnknownField):
        await repository.find_by_field("no_such_field", 1)


async def test_relations_are_loaded_by_name(repository, sample):
    row = await repository.create(sample.new(1))

    for relate in sample.relate.values():
        await atomically(relate, row)

    found = await repository.get_with_relationships(row.pk, list(sample.relate))

    assert found == row
    loaded = {*getattr(found, "_prefetched_objects_cache", {}), *found._state.fields_cache}
    assert loaded == set(sample.relate) == repository.relationships
    assert await repository.get_with_relationships(uuid.uuid4(), []) is None
    with pytest.raises(UnknownField, match="no_such_relation"):
        await repository.get_with_relationships(row.pk, ["no_such_relation"])


async def test_figures_about_the_table(repository, sample):
    await repository.create_batch([sample.new(number) for number in range(3)])

    assert await repository.get_stats() == {
        "total_records": 3,
        "table_name": repository.model._meta.db_table,
        "recent_records": 3,
    }


async def test_a_batch_is_created_in_order_and_leaves_the_callers_objects_alone(repository, sample):
    given = [sample.new(number) for number in range(5)]
    before = copy.deepcopy(given)

    rows = await repository.create_batch(given)

    assert given == before
    assert [getattr(row, sample.unique) for row in rows] == [values[sample.unique] for values in given]
    assert [values_of(await repository.get_by_id(row.pk)) for row in rows] == [values_of(row) for row in rows]


async def test_a_batch_with_one_wrong_row_creates_nothing(repository, sample):
    given = [sample.new(number) for number in range(5)]

    with pytest.raises(UnknownField):
        await repository.create_batch([*given, {"no_such_field": 1}])
    with pytest.raises(Conflict):
        await repository.create_batch([*given, given[0]])

    assert await repository.count() == 0


async def test_a_batch_updates_different_fields_of_different_rows(repository, sample):
    rows = await repository.create_batch([sample.new(number) for number in range(4)])
    changes = [{name: value} for name, value in sample.change.items()]
    given = [{"id": row.pk, **change} for row, change in zip(rows, changes, strict=False)]
    before = copy.deepcopy(given)

    found = await repository.update_batch([*given, {"id": uuid.uuid4(), **sample.change}])

    assert found == len(given)
    assert given == before
    for number, row in enumerate(rows):
        stored = values_of(await repository.get_by_id(row.pk))
        expected = {**values_of(row), **(changes[number] if number < len(given) else {})}
        expected["updated_at"] = stored["updated_at"]
        assert stored == expected
        assert (stored["updated_at"] > row.updated_at) == (number < len(given))


async def test_a_batch_with_one_wrong_update_changes_nothing(repository, sample):
    rows = await repository.create_batch([sample.new(number) for number in range(2)])
    good = {"id": rows[0].pk, **sample.change}

    for wrong in ({"id": rows[1].pk, "no_such_field": 1}, {"id": 7}, {}, good):
        with pytest.raises(InvalidInput):
            await repository.update_batch([good, wrong])

    assert values_of(await repository.get_by_id(rows[0].pk)) == values_of(rows[0])


async def test_a_batch_is_deleted(repository, sample):
    rows = await repository.create_batch([sample.new(number) for number in range(3)])

    assert await repository.delete_batch([rows[0].pk, rows[1].pk, rows[1].pk, uuid.uuid4()]) == 2

    assert await repository.get_all() == [rows[2]]
    assert await repository.delete_batch([]) == 0
    assert await repository.update_batch([]) == 0
    assert await repository.create_batch([]) == []
