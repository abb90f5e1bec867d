"""The report of a month is of one moment, although it is read by several statements."""

from contextlib import nullcontext
from datetime import UTC, date, datetime
from threading import Thread

import pytest
from django.db import connection

from subscriptions.models import Payment
from subscriptions.repositories import PaymentRepository, reporting
from tests.factories import OrderFactory, PaymentFactory
from tests.threads import started

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 3, 10, tzinfo=UTC)
LATER = datetime(2026, 6, 1, tzinfo=UTC)


def pay_and_give_back():
    PaymentFactory.create(
        order=OrderFactory.create(stars=70),
        status="refunded",
        telegram_payment_charge_id="charge",
        completed_at=AT,
        refunded_at=AT,
    )


def sums_of_a_report_during_which_money_comes_and_goes():
    """Read the report while somebody else commits behind its first statement about payments."""
    threads: list[Thread] = []

    def execute(run, sql, *arguments):
        answer = run(sql, *arguments)
        if 'FROM "payments"' in sql and not threads:
            threads.append(started(pay_and_give_back))
            threads[0].join()
        return answer

    with connection.execute_wrapper(execute):
        report = PaymentRepository().get_month_report.blocking(date(2026, 3, 1), now=LATER)
    assert Payment.objects.count() == 1
    return report["totals"]["payments"], report["totals"]["refunds"], report["totals"]["new_buyers"]


def test_what_comes_while_it_is_read_is_not_in_it():
    assert sums_of_a_report_during_which_money_comes_and_goes() == (0, 0, 0)


def test_statements_of_their_own_would_disagree(monkeypatch):
    """Control: the same without one moment."""
    monkeypatch.setattr(reporting, "one_moment", nullcontext)

    assert sums_of_a_report_during_which_money_comes_and_goes() == (0, 1, 1)
