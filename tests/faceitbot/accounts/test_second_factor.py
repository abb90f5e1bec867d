"""Whoever may do more than support gives a code besides the password; nothing opens before he has."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from faceitbot.accounts import second_factor
from faceitbot.accounts.sessions import count_sessions
from faceitbot.core.models import AuditEntry
from tests.faceitbot.accounts.conftest import with_password

pytestmark = pytest.mark.django_db
INDEX, USERS = reverse("admin:index"), reverse("admin:users_user_changelist")
VERIFY, ENROL = reverse("admin:second_factor_verify"), reverse("admin:second_factor_enrol")
OWN, NEW_CODES = reverse("admin:second_factor_own"), reverse("admin:second_factor_codes")
ANEW = reverse("admin:second_factor_anew")


@pytest.fixture(autouse=True)
def _asked_for(settings):
    settings.STAFF_TOTP = True


def code_of(account, *, later=0, confirmed=True):
    """Give what the phone of an account shows now, or some half minutes later."""
    app = TOTPDevice.objects.get(user=account, confirmed=confirmed)
    return f"{totp(app.bin_key, t0=-30 * later):06d}"


def wrong_code(account, **which):
    return f"{(int(code_of(account, **which)) + 1) % 1_000_000:06d}"


def enrol(client, account):
    """Set up a phone, and give the recovery codes."""
    client.get(ENROL)
    answer = client.post(ENROL, {"code": code_of(account, confirmed=False)})
    return re.findall(r'<li class="code">([^<]+)</li>', answer.text)


def give(client, code):
    return client.post(VERIFY, {"code": code})


def let_guessing_pass():
    """Forget the wrong codes, for which a phone has to wait."""
    for device in TOTPDevice.objects.all():
        device.throttle_reset()


def is_in(client):
    return client.get(INDEX).status_code == 200


@pytest.fixture
def enrolled(sign_in, finance):
    """Give a browser that knows the password alone, of somebody who has a phone, and the recovery codes."""
    codes = enrol(sign_in(finance), finance)
    TOTPDevice.objects.update(last_t=-1)  # the code of this half minute has not been used
    return sign_in(finance), codes


# ---- Who is asked


def test_support_needs_a_password_alone(sign_in, support):
    assert is_in(sign_in(support))


@pytest.mark.parametrize("role", ["finance", "admin"])
def test_who_may_do_more_is_led_to_set_it_up_and_to_nothing_else(sign_in, role):
    browser = sign_in(with_password(role))

    answer = browser.get(USERS)

    assert (answer.status_code, answer.url) == (302, f"{ENROL}?next=%2Fadmin%2Fusers%2Fuser%2F")
    assert browser.get(answer.url).status_code == 200
    assert browser.post(NEW_CODES).url.startswith(ENROL)


def test_a_right_beyond_those_of_support_asks_for_it_at_once(sign_in, support):
    support.user_permissions.add(Permission.objects.get(codename="refund_payment"))

    assert sign_in(support).get(INDEX).url.startswith(ENROL)


def test_in_development_nobody_is_asked(sign_in, finance, settings):
    settings.STAFF_TOTP = False

    browser = sign_in(finance)

    assert is_in(browser)
    assert "On this installation nobody is asked for codes." in browser.get(OWN).text


@pytest.mark.parametrize("page", [VERIFY, ENROL, OWN, NEW_CODES, ANEW])
def test_a_visitor_gives_his_password_first(client, db, page):
    for answer in (client.get(page), client.post(page)):
        assert answer.status_code == 302
        assert answer.url.startswith(reverse("admin:login"))


def test_signing_out_is_always_open(sign_in, finance):
    browser = sign_in(finance)

    assert browser.post(reverse("admin:logout")).status_code == 200
    assert count_sessions(finance.pk) == 0


# ---- Setting it up


def test_the_picture_and_the_key_are_those_of_the_app(sign_in, finance):
    shown = sign_in(finance).get(ENROL)

    app = TOTPDevice.objects.get(user=finance)
    assert not app.confirmed
    assert "<svg" in shown.text
    assert "style=" not in shown.text.partition("<svg")[2].partition("</svg>")[0]
    assert shown.context["key"].replace(" ", "") in app.config_url
    assert f"otpauth://totp/faceitbot%3A{finance.username}?" in app.config_url
    assert "no-store" in shown.headers["Cache-Control"]


def test_the_right_code_opens_and_gives_ten_recovery_codes_once(sign_in, finance):
    browser = sign_in(finance)
    key_before = browser.session.session_key

    codes = enrol(browser, finance)

    assert len(set(codes)) == second_factor.RECOVERY_CODES
    assert all(re.fullmatch("[a-z2-7]{4}-[a-z2-7]{4}", code) for code in codes)
    assert browser.session.session_key != key_before
    assert is_in(browser)
    assert browser.get(ENROL).url == OWN
    assert codes[0] not in browser.get(OWN).text
    entry = AuditEntry.objects.get(action="account.second_factor_enrolled")
    assert (entry.actor, entry.object_id, entry.before, entry.after) == (finance, str(finance.pk), {}, {})


def test_a_wrong_code_sets_nothing_up_and_shows_the_same_picture(sign_in, finance):
    browser = sign_in(finance)
    key = browser.get(ENROL).context["key"]

    answer = browser.post(ENROL, {"code": wrong_code(finance, confirmed=False)})

    assert answer.context["form"].errors["code"] == [
        "This code is wrong, or comes too soon after a wrong one. Wait 1 s."
    ]
    assert answer.context["key"] == key
    assert second_factor.app_of(finance) is None
    assert not is_in(browser)


def test_who_knows_the_password_alone_puts_no_phone_in_the_place_of_one(enrolled, finance):
    thief, _codes = enrolled
    key = TOTPDevice.objects.get(user=finance).key

    assert thief.get(ENROL).url == VERIFY
    assert thief.post(ENROL, {"code": "123456"}).url == VERIFY
    for page in (NEW_CODES, ANEW):
        assert thief.post(page).url.startswith(VERIFY)
    assert TOTPDevice.objects.get(user=finance).key == key


# ---- Signing in with it


def test_the_code_of_the_phone_opens_and_leads_on(enrolled, finance):
    browser, _codes = enrolled
    step = browser.get(USERS)
    assert (step.status_code, step.url) == (302, f"{VERIFY}?next=%2Fadmin%2Fusers%2Fuser%2F")

    answer = browser.post(step.url, {"code": code_of(finance)})

    assert (answer.status_code, answer.url) == (302, USERS)
    assert is_in(browser)


def test_support_who_has_a_phone_is_asked_for_its_codes(sign_in, support):
    enrol(sign_in(support), support)

    assert sign_in(support).get(INDEX).url.startswith(VERIFY)


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_it_leads_to_no_other_site(enrolled, finance, elsewhere):
    browser, _codes = enrolled

    answer = browser.post(f"{VERIFY}?next={elsewhere}", {"code": code_of(finance)})

    assert answer.url == INDEX


def test_a_code_that_somebody_has_looked_at_opens_nothing_again(enrolled, sign_in, finance):
    browser, _codes = enrolled
    code = code_of(finance)
    give(browser, code)

    other = sign_in(finance)

    assert give(other, code).status_code == 200
    assert not is_in(other)


def test_each_wrong_code_makes_a_guesser_wait_twice_as_long(enrolled, finance):
    browser, _codes = enrolled
    waits = []
    for _guess in range(3):
        answer = give(browser, wrong_code(finance))
        (told,) = answer.context["form"].errors["code"]
        waits.append(int(told.rpartition("Wait ")[2].split()[0]))
        TOTPDevice.objects.update(throttling_failure_timestamp="2000-01-01T00:00Z")

    assert waits == [1, 2, 4]


def test_a_guesser_who_does_not_wait_is_refused_with_the_right_code(enrolled, finance):
    browser, _codes = enrolled
    for _guess in range(3):
        give(browser, wrong_code(finance))
        TOTPDevice.objects.update(throttling_failure_timestamp="2000-01-01T00:00Z")
    give(browser, wrong_code(finance))

    assert give(browser, code_of(finance)).status_code == 200
    assert not is_in(browser)
    let_guessing_pass()
    assert give(browser, code_of(finance)).status_code == 302
    assert is_in(browser)


@pytest.mark.parametrize("code", ["", " ", "12345", "0" * 21, "abcd-efgh", "ж", "١٢٣٤٥٦", "1\x00"])
def test_what_is_no_code_opens_nothing(enrolled, code):
    browser, _codes = enrolled

    answer = give(browser, code)

    assert answer.status_code == 200
    assert answer.context["form"].errors["code"]
    assert not is_in(browser)


@pytest.mark.parametrize("typed", [str, str.upper, lambda code: code.replace("-", " "), lambda c: c + "  "])
def test_a_recovery_code_opens_once_however_it_is_typed(enrolled, sign_in, finance, typed):
    browser, codes = enrolled

    assert give(browser, typed(codes[3])).status_code == 302
    assert "You have used a recovery code; 9 are left." in browser.get(INDEX).text

    again = sign_in(finance)
    assert give(again, codes[3]).status_code == 200
    assert not is_in(again)


def test_a_code_opens_the_account_of_its_owner_alone(enrolled, sign_in, finance):
    colleague = with_password("finance")
    enrol(sign_in(colleague), colleague)
    _browser, codes = enrolled
    other = sign_in(colleague)

    assert give(other, codes[0]).status_code == 200
    let_guessing_pass()
    assert give(other, code_of(finance)).status_code == 200
    assert not is_in(other)


# ---- Looking after it


@pytest.fixture
def browser(enrolled, finance):
    """Give a browser in which somebody has given both factors."""
    give(enrolled[0], code_of(finance))
    return enrolled[0]


def prove(browser, page, account, code=None):
    """Ask for one of the two changes, with a code that the phone shows and that was not used."""
    TOTPDevice.objects.update(last_t=-1)
    return browser.post(page, {"code": code or code_of(account)})


def codes_on(answer):
    return re.findall(r'<li class="code">([^<]+)</li>', answer.text)


def test_new_recovery_codes_take_the_place_of_the_old(browser, enrolled, sign_in, finance):
    elsewhere = sign_in(finance)

    answer = prove(browser, NEW_CODES, finance)

    fresh = codes_on(answer)
    assert "The recovery codes of before are worth nothing now" in answer.text
    assert "_auth_user_id" not in elsewhere.session
    assert is_in(browser)
    assert len(set(fresh)) == 10
    assert give(sign_in(finance), enrolled[1][0]).status_code == 200
    second_factor.sheet_of(finance).throttle_reset()
    assert give(sign_in(finance), fresh[0]).status_code == 302


def test_another_phone_is_set_up_at_once_and_other_sessions_end(browser, sign_in, finance):
    elsewhere = sign_in(finance)
    key = TOTPDevice.objects.get(user=finance).key

    answer = prove(browser, ANEW, finance)

    assert answer.url == ENROL
    assert "The phone and the recovery codes of before are forgotten" in browser.get(ENROL).text
    assert not is_in(browser)
    assert "_auth_user_id" not in elsewhere.session
    assert len(enrol(browser, finance)) == 10
    assert TOTPDevice.objects.get(user=finance).key != key
    assert is_in(browser)


@pytest.mark.parametrize("page", [NEW_CODES, ANEW])
def test_a_browser_that_was_left_open_changes_nothing(browser, enrolled, finance, page):
    """Neither without a code, nor with a wrong one, nor with one that was used, nor by guessing fast."""
    key, used = TOTPDevice.objects.get(user=finance).key, code_of(finance)
    sent = [{}, {"code": ""}, {"code": used}, {"code": wrong_code(finance)}, {"code": "abcd-efgh"}]

    answers = [browser.post(page, form) for form in sent]
    TOTPDevice.objects.update(last_t=-1)
    answers += [browser.post(page, {"code": code_of(finance)})]  # right, but soon after wrong ones

    for answer in answers:
        assert (answer.status_code, codes_on(answer)) == (200, [])
        assert answer.context["form"].errors["code"]
    assert "Wait " in answers[-1].context["form"].errors["code"][0]
    assert TOTPDevice.objects.get(user=finance).key == key
    assert second_factor.recovery_codes_left(finance) == 10
    assert not AuditEntry.objects.exclude(action="account.second_factor_enrolled").exists()


@pytest.mark.parametrize("page", [NEW_CODES, ANEW])
def test_a_recovery_code_proves_it_where_the_phone_is_lost(browser, enrolled, finance, page):
    assert prove(browser, page, finance, enrolled[1][0]).status_code == (200 if page == NEW_CODES else 302)

    assert second_factor.recovery_codes_left(finance) == (10 if page == NEW_CODES else 0)


def test_who_signs_in_is_told_once_of_codes_that_were_made_anew(browser, sign_in, finance):
    prove(browser, NEW_CODES, finance)
    told = []

    for _time in range(2):
        TOTPDevice.objects.update(last_t=-1)
        other = sign_in(finance)
        give(other, code_of(finance))
        told.append("Your recovery codes were made anew: " in other.get(INDEX).text)

    assert told == [True, False]


@pytest.mark.parametrize("page", [NEW_CODES, ANEW])
def test_a_link_changes_nothing(browser, finance, page):
    assert browser.get(page).status_code == 405
    assert second_factor.recovery_codes_left(finance) == 10


def test_a_reset_ends_the_sessions_and_asks_for_a_new_phone(browser, sign_in, finance):
    boss = with_password("admin")

    assert second_factor.remove(finance, actor=boss, reason="lost his phone") is True

    assert "_auth_user_id" not in browser.session
    assert sign_in(finance).get(INDEX).url.startswith(ENROL)
    assert second_factor.remove(finance, actor=boss, reason="again") is False
    entry = AuditEntry.objects.get(action="account.second_factor_reset")
    assert (entry.actor, entry.object_id, entry.reason) == (boss, str(finance.pk), "lost his phone")


def test_no_page_of_the_admin_shows_a_secret(browser, sign_in, finance):
    finance.is_superuser = True
    finance.save()  # it ends his sessions
    TOTPDevice.objects.update(last_t=-1)
    boss = sign_in(finance)
    give(boss, code_of(finance))
    app = TOTPDevice.objects.get(user=finance)

    text = boss.get(reverse("admin:auth_user_change", args=[finance.pk])).text

    assert "Recovery codes left" in text
    assert app.key not in text
    assert app.config_url.partition("secret=")[2].partition("&")[0] not in text
    assert boss.get("/admin/otp_totp/totpdevice/").status_code == 404
    assert boss.get("/admin/otp_static/staticdevice/").status_code == 404
