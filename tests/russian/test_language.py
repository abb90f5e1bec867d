"""Staff read Russian until they choose English in the menu; the choice keeps the page."""

import pytest
from django.test import Client
from django.urls import reverse

from faceitbot import settings as as_installed

pytestmark = pytest.mark.django_db

LIST = reverse("admin:users_user_changelist")
LOGIN = reverse("admin:login")
SWITCH = reverse("set_language")


def test_russian_is_the_language_of_an_installation():
    assert as_installed.LANGUAGE_CODE == "ru"
    assert as_installed.LANGUAGES == [("ru", "Русский"), ("en", "English")]


@pytest.mark.parametrize("url", [LIST, reverse("admin:index"), LOGIN])
def test_the_browser_is_not_asked_for_the_language(page, url):
    answer = page.get(url, follow=True)

    assert '<html lang="ru"' in answer.text


def test_the_menu_offers_both_languages(page):
    text = page.get(LIST).text

    assert text.count(f'action="{SWITCH}"') == 2
    assert "English" in text
    assert "Русский" in text


def test_the_login_page_offers_both_languages(client):
    text = client.get(LOGIN).text

    assert f'action="{SWITCH}"' in text
    assert 'value="en"' in text
    assert 'value="ru"' in text
    assert "English" in text
    assert "Русский" in text


def test_english_stays_chosen_and_the_page_stays_open(page):
    here = f"{LIST}?q=5000000001"

    answer = page.post(
        SWITCH, {"language": "en", "next": ""}, headers={"Referer": f"http://testserver{here}"}
    )

    assert answer.status_code == 302
    assert answer.url.endswith(here)
    assert "Bot users" in page.get(LIST).text
    assert "Пользователи бота" not in page.get(LIST).text


def test_russian_can_be_chosen_again(page):
    page.post(SWITCH, {"language": "en"})
    page.post(SWITCH, {"language": "ru"})

    assert "Пользователи бота" in page.get(LIST).text


@pytest.mark.parametrize("nonsense", ["de", "", "ru-RU' --", "\x00", "e" * 5000])
def test_a_language_that_nobody_offers_is_russian(page, nonsense):
    page.cookies["staff_language"] = nonsense
    assert '<html lang="ru"' in page.get(LIST).text

    page.post(SWITCH, {"language": nonsense})
    assert '<html lang="ru"' in page.get(LIST).text


def test_the_switch_leads_to_no_other_site(page):
    answer = page.post(SWITCH, {"language": "en", "next": "https://example.com/"})

    assert answer.url == "/"


def test_the_switch_wants_a_form_of_ours():
    browser = Client(enforce_csrf_checks=True)

    assert browser.post(SWITCH, {"language": "en"}).status_code == 403
    assert browser.get(SWITCH).status_code == 405


def test_the_cookie_is_out_of_reach_of_scripts(page):
    cookie = page.post(SWITCH, {"language": "en"}).cookies["staff_language"]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert as_installed.LANGUAGE_COOKIE_SECURE == as_installed.SESSION_COOKIE_SECURE
