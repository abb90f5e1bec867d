"""Cases: what staff write down for a buyer."""

from itertools import count

import pytest
from django.db import connection
from django.urls import reverse

from subscriptions.models import PaymentCase
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
OPEN = reverse("admin:subscriptions_paymentcase_open_case")


@pytest.mark.django_db(transaction=True)
def test_a_form_that_ran_again_leads_to_the_case_that_is_there(page):
    UserFactory.create(telegram_id=5)
    tries = count()

    def break_once(execute, sql, params, many, context):
        if sql.startswith('UPDATE "sent_forms"') and next(tries) == 0:
            sql, params = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'deadlock_detected'; END $$", None
        return execute(sql, params, many, context)

    with connection.execute_wrapper(break_once):
        answer = page.post(OPEN, {"telegram_id": "5", "charge_id": "", "reason": "nothing came"})

    assert next(tries) == 2
    case = PaymentCase.objects.get()
    assert answer.url == reverse("admin:subscriptions_paymentcase_change", args=[case.pk])
