"""The first page: real figures for those who may see them."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from faceitbot.core import clock
from tests.factories import StaffFactory, UserFactory
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
INDEX = reverse("admin:index")


def figures(answer):
    return {card.title: (card.figure, card.note) for card in answer.context["cards"]}


def make_users():
    now = clock.now()
    long_ago = now - timedelta(days=30)
    UserFactory.create(language="ru", last_active_at=now - timedelta(days=6), created_at=long_ago)
    UserFactory.create(language="uk", last_active_at=now - timedelta(days=8), created_at=long_ago)
    UserFactory.create(language="ru", faceit_player_id=None, faceit_nickname=None, created_at=now)
    nobody = {"telegram_id": None, "faceit_player_id": None, "faceit_nickname": None}
    UserFactory.create(**nobody, erased_at=now, last_active_at=now)


def test_the_figures_are_those_of_the_users(page):
    make_users()

    answer = page.get(INDEX)

    assert figures(answer) == {
        "Users": ("3", "without the erased ones"),
        "Linked to FACEIT": ("2", "66.7 % of all users"),
        "Active in 7 days": ("1", "33.3 % of all users"),
        "New in 24 hours": ("1", "registered since yesterday"),
    }
    assert [(row["name"], row["count"]) for row in answer.context["languages"]] == [
        ("Russian", "2"),
        ("Ukrainian", "1"),
    ]


def test_each_figure_leads_to_the_list_of_those_whom_it_counts(page):
    make_users()
    User.objects.filter(erased_at__isnull=False).delete()

    answer = page.get(INDEX)

    for card in answer.context["cards"]:
        assert f'href="{card.link}"' in answer.text
        assert page.get(card.link).context["cl"].result_count == int(card.figure), card.title


def test_rare_languages_are_summed_up_and_unknown_ones_keep_their_code(page):
    for number, language in enumerate(["ru", "ru", "aa", "bb", "cc", "dd", "ee", "ff"]):
        UserFactory.create(telegram_id=number + 1, language=language)

    languages = page.get(INDEX).context["languages"]

    assert [row["name"] for row in languages] == ["Russian", "aa", "bb", "cc", "dd", "Others"]
    assert languages[-1]["count"] == "2"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_bars_have_widths_that_a_browser_reads_in_every_language(page, language):
    make_users()

    text = page.get(INDEX, headers={"Accept-Language": language}).text

    assert re.findall(r"width: (.*?)%", text) == ["66.67", "33.33"]


def test_without_users_the_page_says_what_to_do(page):
    text = page.get(INDEX).text

    assert "There are no users yet" in text
    assert "python manage.py import_legacy" in text


def test_what_staff_did_last_stands_there_with_reason(page, staff):
    UserFactory.create(telegram_id=1)
    UserRepository().block_users.blocking([1], actor=staff, reason="sells accounts")

    text = page.get(INDEX).text

    assert "user.blocked" in text
    assert "sells accounts" in text
    assert "just now" in text


def test_who_may_see_users_only_sees_no_audit_log(onlooker):
    make_users()

    answer = onlooker.get(INDEX)

    assert figures(answer)["Users"][0] == "3"
    assert "What staff did last" not in answer.text


def test_who_may_see_nothing_sees_no_figures():
    client = Client()
    client.force_login(StaffFactory.create(is_superuser=False))
    make_users()

    answer = client.get(INDEX)

    assert answer.status_code == 200
    assert "cards" not in answer.context
    assert "audit_entries" not in answer.context
