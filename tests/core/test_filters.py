"""The filter language: what it finds, and what it refuses."""

from datetime import datetime, timedelta, timezone

import pytest

from faceitbot.core.errors import InvalidInput, UnknownField
from tests.factories import UserFactory
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
repository = UserRepository()


@pytest.fixture
def five_users():
    UserFactory(telegram_id=1, faceit_nickname="Alpha", language="ru", total_requests=1)
    UserFactory(telegram_id=2, faceit_nickname="alphabet", language="en", total_requests=2)
    UserFactory(telegram_id=3, faceit_nickname="50%_off", language="ru", total_requests=3)
    UserFactory(telegram_id=4, faceit_nickname=None, faceit_player_id=None, language="de", total_requests=4)
    UserFactory(telegram_id=5, faceit_nickname="Бета", language="ru", total_requests=5)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (None, [1, 2, 3, 4, 5]),
        ({}, [1, 2, 3, 4, 5]),
        ({"language": "ru"}, [1, 3, 5]),
        ({"language": "ru", "total_requests": 3}, [3]),
        ({"language": ["en", "de"]}, [2, 4]),
        ({"language": []}, []),
        ({"faceit_nickname": None}, [4]),
        ({"faceit_nickname": ["Alpha", None]}, [1, 4]),
        ({"language": {"eq": "en"}}, [2]),
        ({"language": {"ne": "ru"}}, [2, 4]),
        ({"faceit_nickname": {"ne": "Alpha"}}, [2, 3, 4, 5]),
        ({"total_requests": {"gt": 2, "lt": 5}}, [3, 4]),
        ({"total_requests": {"gte": 2, "lte": 3}}, [2, 3]),
        ({"total_requests": {"in": [1, 5, 9]}}, [1, 5]),
        ({"faceit_nickname": {"like": "lpha"}}, [1, 2]),
        ({"faceit_nickname": {"like": "alpha"}}, [2]),
        ({"faceit_nickname": {"ilike": "ALPHA"}}, [1, 2]),
        ({"faceit_nickname": {"ilike": "бЕт"}}, [5]),
        ({"faceit_nickname": {"like": "%"}}, [3]),
        ({"faceit_nickname": {"like": "0%_"}}, [3]),
        ({"faceit_nickname": {"startswith": "alpha"}}, [2]),
        ({"faceit_nickname": {"isnull": True}}, [4]),
        ({"faceit_nickname": {"isnull": False, "startswith": "A"}}, [1]),
    ],
)
async def test_filters_find(five_users, filters, found):
    rows = await repository.get_all(filters=filters, order_by="telegram_id")

    assert [row.telegram_id for row in rows] == found
    assert await repository.count(filters) == len(found)
    first = await repository.find_one(filters, order_by="telegram_id")
    assert (first.telegram_id if first else None) == (found[0] if found else None)


@pytest.mark.parametrize(
    "filters",
    [
        {"nickname": "x"},
        {"subscription__tier": "free"},
        {"activity__requests": 1},
        {"faceit_nickname__icontains": "x"},
        {"pk": 1},
        {"": 1},
        {1: 1},
        {"language": {"regex": "."}},
        {"language": {"icontains": "x"}},
        {"language": {None: "x"}},
    ],
)
async def test_an_unknown_field_or_operator_is_refused(five_users, filters):
    for call in (repository.count, repository.find_one):
        with pytest.raises(UnknownField):
            await call(filters)
    with pytest.raises(UnknownField):
        await repository.get_all(filters=filters)


@pytest.mark.parametrize(
    "filters",
    [
        "language",
        {"language": {}},
        {"language": 7},
        {"language": "nul\x00"},
        {"language": {"like": "\ud800"}},
        {"total_requests": "7"},
        {"total_requests": True},
        {"total_requests": 7.5},
        {"total_requests": 2**63},
        {"total_requests": {"like": "7"}},
        {"total_requests": {"in": 7}},
        {"total_requests": {"gt": None}},
        {"created_at": "2026-01-01"},
        {"created_at": {"gt": datetime.max.replace(tzinfo=timezone(-timedelta(hours=3)))}},
        {"created_at": {"gt": datetime.min.replace(tzinfo=timezone(timedelta(hours=3)))}},
        {"waiting_for_nickname": 1},
        {"faceit_nickname": {"isnull": 1}},
        {"id": 7},
        {"id": "no uuid"},
    ],
)
async def test_a_value_of_the_wrong_kind_is_refused(five_users, filters):
    with pytest.raises(InvalidInput) as caught:
        await repository.get_all(filters=filters)

    assert not isinstance(caught.value, UnknownField)


async def test_a_naive_time_is_refused_by_name(five_users):
    with pytest.raises(InvalidInput, match="created_at must be an aware datetime"):
        await repository.count({"created_at": {"lt": datetime(2026, 1, 1)}})


@pytest.mark.parametrize("name", ["nickname", "subscription__tier", "-created_at", "?", "pk"])
async def test_an_unknown_order_field_is_refused(five_users, name):
    with pytest.raises(UnknownField):
        await repository.get_all(order_by=name)


@pytest.mark.parametrize(
    "page", [{"skip": -1}, {"limit": 0}, {"limit": 1001}, {"limit": True}, {"skip": "1"}, {"limit": None}]
)
async def test_a_page_out_of_bounds_is_refused(five_users, page):
    with pytest.raises(InvalidInput, match=next(iter(page))):
        await repository.get_all(**page)


async def test_order_and_pages(five_users):
    async def ids(**options):
        return [row.telegram_id for row in await repository.get_all(**options)]

    assert await ids() == [5, 4, 3, 2, 1]
    assert await ids(order_by="total_requests") == [1, 2, 3, 4, 5]
    assert await ids(order_by="total_requests", order_desc=True, skip=1, limit=2) == [4, 3]
    assert (await ids(order_by="faceit_nickname", order_desc=True))[-1] == 4
    assert (await ids(order_by="faceit_nickname"))[-1] == 4
