"""The second factor and the lock are explained in Russian."""

import pytest
from django.contrib.auth.models import User as Account
from django.test import Client
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from faceitbot.accounts import second_factor
from tests.admin.roles import member
from tests.russian.reading import english

pytestmark = pytest.mark.django_db
VERIFY, ENROL = reverse("admin:second_factor_verify"), reverse("admin:second_factor_enrol")


@pytest.fixture
def finance(settings) -> Account:
    settings.STAFF_TOTP = True
    account = member("finance")
    account.username = "olga"
    account.save()
    return account


def without_name(answer):
    return {text for text in english(answer.text) if text != "olga"}


def test_setting_up_a_phone_speaks_russian(client, finance):
    client.force_login(finance)

    pages = [client.get(ENROL), client.post(ENROL, {"code": ""}), client.post(ENROL, {"code": "abc"})]
    second_factor.begin(finance).throttle_reset()
    code = f"{totp(TOTPDevice.objects.get().bin_key):06d}"
    pages += [client.post(ENROL, {"code": code}), client.get(reverse("admin:second_factor_own"))]

    assert [without_name(answer) for answer in pages] == [set()] * 5
    assert "Коды сохранены" in pages[3].text
    assert "Осталось 10 резервных кодов." in pages[4].text


def test_a_code_is_asked_for_in_russian(client, finance):
    app = second_factor.begin(finance)
    app.confirmed = True
    app.save()
    client.force_login(finance)

    pages = [client.get(VERIFY), client.post(VERIFY, {"code": "000000"})]

    assert [without_name(answer) for answer in pages] == [set(), set()]
    assert "Код неверен" in pages[1].text


def test_a_lock_is_explained_in_russian(db):
    sent = {"username": "кто", "password": "то"}
    answers = [Client().post(reverse("admin:login"), sent) for _try in range(6)]

    assert answers[5].status_code == 429
    assert english(answers[5].text) == set()
    assert "Войти можно будет после" in answers[5].text
