"""No page of the admin shows an English word to somebody who reads Russian."""

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from tests.admin.rows import make_rows
from tests.russian.reading import english

pytestmark = pytest.mark.django_db


def address(model, view, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def models(wanted=lambda _page: True):
    """Parametrize a test with the models whose pages are wanted."""
    found = [
        pytest.param(model, its_page, id=model._meta.label)
        for model, its_page in admin.site._registry.items()
        if wanted(its_page)
    ]
    return pytest.mark.parametrize(("model", "its_page"), found)


every_model = models()


@every_model
def test_a_list_speaks_russian_with_rows_and_without(page, model, its_page):
    make_rows(model, 0, 2)

    assert english(page.get(address(model, "changelist")).text) == set()
    assert english(page.get(address(model, "changelist"), {"q": "нет такого"}).text) == set()


@models(lambda its_page: its_page.list_filter)
def test_a_filtered_list_speaks_russian(page, model, its_page):
    make_rows(model, 0, 2)
    changelist = page.get(address(model, "changelist")).context["cl"]

    for filter_ in changelist.filter_specs:
        choice = list(filter_.choices(changelist))[-1]
        assert english(page.get(address(model, "changelist") + choice["query_string"]).text) == set()


@every_model
def test_the_pages_of_one_row_speak_russian(page, model, its_page):
    row = make_rows(model, 0, 1)[0]

    said = {
        (view, text)
        for view in ("change", "history", "delete")
        for text in english(page.get(address(model, view, row.pk)).text)
    }

    assert said == set()


@models(lambda its_page: type(its_page).has_add_permission is admin.ModelAdmin.has_add_permission)
def test_a_form_and_its_complaints_speak_russian(page, model, its_page):
    url = address(model, "add")

    assert english(page.get(url).text) == set()
    assert english(page.post(url, {}).text) == set()


@every_model
def test_an_action_asks_in_russian(page, model, its_page):
    rows = make_rows(model, 0, 2)
    url = address(model, "changelist")
    request = page.get(url).wsgi_request
    pages = [
        page.post(url, {"action": name, ACTION_CHECKBOX_NAME: [row.pk for row in rows]}, follow=True)
        for name in its_page.get_actions(request)
    ]
    pages += [page.get(address(model, name, rows[0].pk), follow=True) for name in its_page.actions_detail]
    pages += [page.get(address(model, name), follow=True) for name in its_page.actions_list]

    assert {text for answer in pages for text in english(answer.text)} == set()


def test_the_pages_without_a_model_speak_russian(page, client):
    names = ("index", "password_change", "password_change_done", "figures", "find")

    assert {text for name in names for text in english(page.get(reverse(f"admin:{name}")).text)} == set()
    found = page.get(reverse("admin:search"), {"s": "плат"}).text
    assert "Платежи" in found
    assert english(found) == set()
    assert english(page.post(reverse("admin:logout")).text) == set()


def test_the_login_speaks_russian(client):
    url = reverse("admin:login")

    assert english(client.get(url, follow=True).text) == set()
    assert english(client.post(url, {"username": "", "password": ""}).text) == set()
    assert english(client.post(url, {"username": "кто", "password": "то"}).text) == set()


@pytest.mark.parametrize("code", [400, 403, 404, 500])
def test_an_error_speaks_russian(code):
    with translation.override("ru"):
        text = render_to_string(f"{code}.html")

    assert english(text) == set()
    assert "На главную страницу" in text


def test_an_address_that_leads_nowhere_says_so_in_russian(page):
    answer = page.get("/admin/no-such-page/")

    assert answer.status_code == 404
    assert "Такой страницы нет" in answer.text


def test_an_english_word_is_seen(page):
    """Control: chosen in the menu, English is on each part of a page."""
    page.post(reverse("set_language"), {"language": "en"})

    found = english(page.get(reverse("admin:users_user_changelist")).text)

    assert {"Bot users", "Filters", "Log out", "Requests", "Telegram id"} & found >= {"Bot users", "Log out"}
    assert found >= {"Telegram id, FACEIT nickname or FACEIT id."}
