"""The pages in a real browser: they work, nothing is refused, nothing comes from another host."""

from datetime import timedelta

import pytest
from django.urls import reverse

from faceitbot.core import clock
from tests.admin.browser import CHROMIUM, DESK, PHONE, Complaints
from tests.eventually import eventually
from tests.factories import StaffFactory, UserFactory
from users.models import User
from users.repositories import UserRepository

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine"),
]
LIST = reverse("admin:users_user_changelist")
PASSWORD = "a long secret"


@pytest.fixture
def staff():
    account = StaffFactory.create(username="boss")
    account.set_password(PASSWORD)
    account.save()
    return account


@pytest.fixture
def user(db):
    """A user who was busy yesterday."""
    user = UserFactory.create(telegram_id=5_000_000_007, faceit_nickname="СнайперЁжик")
    UserRepository().bulk_update_activity.blocking(
        [{"user_id": user.telegram_id, "timestamp": clock.now() - timedelta(days=1), "requests": 40}]
    )
    return user


def painted(page):
    """Count the pixels that the chart's canvas shows."""
    return page.evaluate(
        """() => {
            const canvas = document.querySelector("canvas.chart");
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return data.filter((value, index) => index % 4 === 3 && value > 0).length;
        }"""
    )


def test_staff_sign_in_and_see_the_figures(open_page, live_server, staff, user):
    page = open_page("/")

    page.fill("input[name=username]", "boss")
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(live_server.url + reverse("admin:index"))

    page.get_by_text("What became of those who came").wait_for()
    assert page.locator("h1").inner_text() == "Overview"
    assert page.get_by_text("New users").locator("xpath=..").inner_text().split() == (
        ["New", "users", "1", "none", "before"]
    )


def test_a_wrong_password_is_told_and_lets_nobody_in(open_page, staff):
    page = open_page("/admin/login/")

    page.fill("input[name=username]", "boss")
    page.fill("input[name=password]", "wrong")
    page.click("button[type=submit]")

    page.get_by_text("Please enter the correct username and password").wait_for()
    assert page.url.endswith("/admin/login/")


def test_a_user_is_found_opened_and_blocked(open_page, staff, user):
    page = open_page(LIST, account=staff)

    page.fill("#searchbar", "снайпер")
    page.press("#searchbar", "Enter")
    page.locator("#result_list").get_by_text(str(user.telegram_id)).click()
    page.locator("h1").get_by_text("5000000007 · СнайперЁжик").wait_for()
    page.get_by_role("link", name="Block", exact=False).click()
    page.fill("input[name=reason]", "sells accounts")
    page.get_by_role("button", name="Block").click()
    page.get_by_text("1 done.").wait_for()

    assert page.get_by_text("sells accounts").is_visible()
    assert page.get_by_role("link", name="Unblock").is_visible()
    assert User.objects.get().is_blocked


def test_users_are_chosen_in_the_list_and_blocked_together(open_page, staff, user):
    UserFactory.create(telegram_id=8)
    page = open_page(LIST, account=staff)

    page.check("#action-toggle")
    page.select_option("select[name=action]", "block_selected")
    page.locator("#changelist-actions-wrapper button[type=submit]").first.click()
    page.get_by_text("Block these users?").wait_for()
    page.fill("input[name=reason]", "spam")
    page.get_by_role("button", name="Block").click()

    page.get_by_text("2 done.").wait_for()
    assert User.objects.filter(blocked_at=None).count() == 0


def test_the_chart_of_a_busy_user_is_painted(open_page, staff, user):
    page = open_page(reverse("admin:users_user_change", args=[user.pk]), account=staff)

    assert eventually(lambda: painted(page) > 500)


def test_the_telegram_id_is_copied_with_one_click(open_page, staff, user):
    page = open_page(reverse("admin:users_user_change", args=[user.pk]), account=staff)

    page.locator(f'button.copy[data-copy="{user.telegram_id}"]').click()
    page.locator("button.copy").get_by_text("check").wait_for()

    assert page.evaluate("navigator.clipboard.readText()") == str(user.telegram_id)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_pages_fit_their_window_and_take_the_readers_colours(open_page, staff, user, size, scheme):
    row = reverse("admin:users_user_change", args=[user.pk])
    for path in (reverse("admin:index"), LIST, row, f"{LIST}{user.pk}/block/"):
        page = open_page(path, account=staff, size=size, scheme=scheme)

        assert page.evaluate("document.documentElement.classList.contains('dark')") is (scheme == "dark")
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, path


def test_a_nickname_that_is_a_script_runs_nowhere(open_page, staff):
    hostile = "<img src=x onerror=document.title='owned'>"
    user = UserFactory.create(faceit_nickname=hostile)
    row = reverse("admin:users_user_change", args=[user.pk])

    for path in (LIST, row, f"{LIST}{user.pk}/block/", reverse("admin:users_user_delete", args=[user.pk])):
        page = open_page(path, account=staff)
        assert page.locator("img[src=x]").count() == 0
        assert page.title() != "owned"


def test_the_browser_would_complain(chromium, live_server, staff):
    """Control: a foreign image and a script error are both heard."""
    complaints = Complaints(live_server.url)
    page = chromium.new_page()
    complaints.listen(page)
    page.goto(live_server.url + "/admin/login/", wait_until="networkidle")

    page.evaluate("document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.1:9/x.png'}))")
    page.wait_for_load_state("networkidle")
    page.evaluate("setTimeout(() => { throw new Error('broken') })")
    page.evaluate("new Promise(done => setTimeout(done))")
    page.close()

    assert any("Content Security Policy" in text for text in complaints.heard)
    assert "script: broken" in complaints.heard


def test_the_language_is_chosen_in_the_menu_and_the_page_stays(open_page, staff, user, settings):
    settings.LANGUAGE_CODE = "ru"
    page = open_page(f"{LIST}?q=5000000007", account=staff)
    assert page.locator("h1").inner_text().startswith("Пользователи бота")

    page.get_by_text("boss", exact=True).click()
    page.get_by_role("button", name="English").click()

    page.get_by_text("Bot users").first.wait_for()
    assert page.url.endswith(f"{LIST}?q=5000000007")


def test_the_language_is_chosen_before_signing_in(open_page, settings):
    settings.LANGUAGE_CODE = "ru"
    page = open_page("/admin/login/", size=PHONE)
    assert page.locator("label[for=id_password]").inner_text().startswith("Пароль")

    page.get_by_role("button", name="English").click()

    page.get_by_text("Password").first.wait_for()
    assert page.url.endswith("/admin/login/")
