"""Finding bot users: by whatever staff paste, and by an index."""

import re
import uuid
from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test import RequestFactory
from django.urls import reverse

from faceitbot.core import clock
from faceitbot.core.display import roughly
from faceitbot.core.lists.counting import EXACT_UP_TO
from tests.factories import UserFactory
from users.models import User

pytestmark = pytest.mark.django_db
LIST = reverse("admin:users_user_changelist")
INDEXES = {index.name for index in User._meta.indexes} | {
    "users_pkey",
    "users_telegram_id_unique",
    "users_faceit_player_id_unique",
}
ORDERS = {
    "1": "users_telegram_id_unique",
    "-1": "users_telegram_id_unique",
    "5": "users_total_requests_idx",
    "-5": "users_total_requests_idx",
    "6": "users_last_active_idx",
    "-6": "users_last_active_idx",
    "7": "users_created_idx",
    "-7": "users_created_idx",
}
PLAYER = "6f2ab5a1-9e1a-4d0b-9b0c-0a1b2c3d4e5f"


def found(page, term):
    """Give the Telegram ids that a search shows."""
    return [user.telegram_id for user in page.get(LIST, {"q": term}).context["cl"].result_list]


@pytest.fixture
def wanted():
    """One user among others."""
    for number in range(3):
        UserFactory.create(telegram_id=70 + number)
    return UserFactory.create(telegram_id=2**52, faceit_nickname="СнайперЁжик_1", faceit_player_id=PLAYER)


@pytest.mark.parametrize(
    "term",
    [
        str(2**52),
        f" {2**52} ",
        "СнайперЁжик_1",
        "@СнайперЁжик_1",
        "снайперёжик",
        "СНАЙПЕРЁЖИК",
        "перЁж",
        "жик_1",
        PLAYER,
    ],
)
def test_a_user_is_found_by_what_staff_paste(page, wanted, term):
    assert found(page, term) == [2**52]


def test_what_no_index_finds_as_a_part_is_taken_for_a_whole_nickname(page, wanted):
    short = UserFactory.create(faceit_nickname="Ж_1")

    assert (found(page, "ж_1"), found(page, "_1")) == ([short.telegram_id], [])


def test_a_user_is_found_by_the_id_of_his_row(page, wanted):
    assert found(page, str(wanted.pk)) == [2**52]
    assert found(page, wanted.pk.hex) == [2**52]


@pytest.mark.parametrize("term", ["7", str(2**52 + 1), "9" * 50, "4503599", "%", "ёжик_2", "1" * 32])
def test_a_search_for_something_else_finds_nobody(page, wanted, term):
    assert found(page, term) == []


def test_a_nickname_of_digits_is_found_with_an_at_sign_only_as_a_nickname_part(page, wanted):
    UserFactory.create(telegram_id=80, faceit_nickname="player1337")

    assert found(page, "r1337") == [80]


# ---- By an index


@pytest.fixture
def crowd():
    """Twenty thousand users, known to the planner."""
    now = clock.now()
    User.objects.bulk_create(
        User(
            telegram_id=number,
            faceit_nickname=f"{uuid.uuid4().hex[:10]}",
            faceit_player_id=None if number % 3 else str(uuid.uuid4()),
            last_active_at=now - timedelta(minutes=number),
            total_requests=number * 7919 % 20_011,
        )
        for number in range(1, 20_001)
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('users_nickname_trgm_idx')")
        cursor.execute("ANALYZE users")


def plan(staff, **query):
    """Give how PostgreSQL answers the list."""
    request = RequestFactory().get(LIST, query)
    request.user = staff
    changelist = admin.site.get_model_admin(User).get_changelist_instance(request)
    return changelist.get_queryset(request)[:50].explain()


def indexes_of(text):
    """Give the indexes that a plan reads, and "everything" where it reads the table."""
    return set(re.findall(r"users_\w+", text)) & INDEXES | ({"everything"} if "Seq Scan" in text else set())


def test_a_search_reads_what_it_finds_and_nothing_else(staff, crowd):
    read = {term: indexes_of(plan(staff, q=term)) for term in ("777", PLAYER, "abcde")}

    assert read == {
        "777": {"users_telegram_id_unique"},
        PLAYER: {"users_faceit_player_id_unique", "users_pkey"},
        "abcde": {"users_faceit_player_id_unique", "users_nickname_trgm_idx"},
    }


def test_a_page_of_the_list_is_read_from_an_index_in_every_order(staff, crowd):
    chosen = [{}, {"faceit": "linked"}, {"state": "blocked"}, *({"o": o} for o in ORDERS)]

    read = [indexes_of(plan(staff, **query)) for query in chosen]

    assert read == [
        {"users_last_active_idx"},
        {"users_linked_idx"},
        {"users_blocked_idx"},
        *({index} for index in ORDERS.values()),
    ]


@pytest.mark.parametrize("order", ["5", "-5", "6", "-6", "7", "-7"])
def test_ties_are_broken_as_the_index_does(staff, order):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # the table is empty

    assert "Sort" not in plan(staff, o=order)


def test_a_long_list_is_estimated_instead_of_counted(page, crowd):
    answer = page.get(LIST)

    count = answer.context["cl"].result_count
    assert EXACT_UP_TO < count <= 21_000
    assert f"about {roughly(count)}" in answer.text


def test_a_short_list_is_counted_exactly_and_says_so_only_when_narrowed(page, wanted):
    whole, narrowed = page.get(LIST), page.get(LIST, {"q": "70"})

    assert "Bot users: 4" in whole.text
    assert (whole.context["cl"].result_count, "Show all" in whole.text) == (4, False)
    assert (narrowed.context["cl"].result_count, "Show all" in narrowed.text) == (1, True)
