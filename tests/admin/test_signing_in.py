"""Signing in, in a browser: the phone is set up once, a code is asked for each time, a lock is explained.

`python3 dev.py prove signing` keeps a picture of each step in every look in `pictures/`.
"""

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.admin.browser import CHROMIUM
from tests.admin.looks import LOOKS, STICKING_OUT
from tests.admin.roles import member

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine"),
    pytest.mark.proof("signing"),
]
PASSWORD = "a password of ours"
INDEX = reverse("admin:index")


@pytest.fixture(autouse=True)
def _as_in_production(settings):
    settings.STAFF_TOTP = True


@pytest.fixture
def finance():
    account = member("finance")
    account.username, account.password = "olga", make_password(PASSWORD)
    account.save()
    return account


def type_password(page, password=PASSWORD):
    page.locator("input[name=username]").fill("olga")
    page.locator("input[name=password]").fill(password)
    page.locator("form#login-form button[type=submit], form button[type=submit]").first.click()


def give_code(page, account):
    app = TOTPDevice.objects.get(user=account)
    page.locator("input[name=code]").fill(f"{totp(app.bin_key):06d}")
    page.locator("#code-form button[type=submit]").click()


def test_the_phone_is_set_up_and_asked_for(look_at, take, looks, finance):
    for look in looks:
        TOTPDevice.objects.all().delete()
        page = look_at(look, INDEX)
        type_password(page)

        page.locator(".qr svg").wait_for()
        take(page, f"signing_set_up_{look}")
        page.locator("input[name=code]").fill("000000")
        page.locator("#code-form button[type=submit]").click()
        page.locator(".errorlist, .text-red-600").first.wait_for()
        take(page, f"signing_wrong_code_{look}")
        TOTPDevice.objects.get().throttle_reset()
        give_code(page, finance)
        assert page.locator(".recovery-codes li").count() == 10
        take(page, f"signing_recovery_codes_{look}")
        page.locator(f"a[href='{INDEX}']").last.click()
        page.wait_for_url(f"**{INDEX}")
        page.goto(page.url.replace(INDEX, reverse("admin:second_factor_own")))
        take(page, f"signing_own_{look}")

        page = look_at(look, INDEX)
        type_password(page)
        page.wait_for_url("**/second-factor/?next=*")
        take(page, f"signing_code_{look}")
        TOTPDevice.objects.update(last_t=-1)
        give_code(page, finance)
        page.wait_for_url(f"**{INDEX}")

        TOTPDevice.objects.update(last_t=-1)
        page.goto(page.url.replace(INDEX, reverse("admin:second_factor_own")))
        app = TOTPDevice.objects.get()
        page.locator("input[name=code]").fill(f"{totp(app.bin_key):06d}")
        page.locator("button[formaction]").click()
        page.locator(".qr svg").wait_for()
        take(page, f"signing_another_phone_{look}")


def test_the_pages_of_accounts_fit(look_at, take, looks, finance, staff, settings):
    settings.STAFF_TOTP = False
    for look in looks:
        for name, path in {
            "accounts": reverse("admin:auth_user_changelist"),
            "account": reverse("admin:auth_user_change", args=[finance.pk]),
            "group": reverse("admin:auth_group_add"),
        }.items():
            take(look_at(look, path, staff), f"{name}_{look}")


def test_a_lock_is_explained(chromium, live_server, take, looks, finance):
    for look in looks:
        size, scheme, language = LOOKS[look]
        context = chromium.new_context(viewport=size, color_scheme=scheme)
        cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url}
        context.add_cookies([cookie])
        page = context.new_page()
        for _try in range(6):
            page.goto(live_server.url + reverse("admin:login"))
            type_password(page, "wrong")
            page.wait_for_load_state()
        page.locator("a[href='/admin/login/']").wait_for()

        assert page.evaluate(STICKING_OUT) == []
        take(page, f"signing_locked_{look}")
        context.close()
