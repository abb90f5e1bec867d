"""What staff do about money, through the pages: nothing by hand, each step once, with a reason."""

import pytest
from django.urls import reverse

from faceitbot.core.models import AuditEntry
from subscriptions.models import Grant, Payment, PaymentCase
from subscriptions.repositories import PaymentRepository
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db

repository = PaymentRepository()


@pytest.fixture
def user():
    return UserRepository().create_user.blocking(7)


def pay(user, charge="charge-1", payer=7):
    order = repository.create_order.blocking(user.pk, "premium")
    notice = (payer, order.payload, "XTR", 199, charge)
    return repository.record_successful_payment.blocking(*notice).payment


def address(name, *args):
    return reverse(f"admin:subscriptions_{name}", args=args)


def test_a_payment_is_found_by_what_the_buyer_pasted(page, user):
    payment = pay(user, payer=8)

    for pasted in ("charge-1", "7", "8", payment.order.payload, str(user.pk), str(payment.pk)):
        answer = page.get(address("payment_changelist"), {"q": pasted})
        found = [row.pk for row in answer.context["cl"].result_list]
        assert found == [payment.pk], pasted


def test_money_in_review_is_granted_once(page, user):
    payment = pay(user, payer=8)
    url = address("payment_resolve", payment.pk)
    assert "Grant access" in page.get(address("payment_change", payment.pk)).text

    wrong = page.post(url, {"telegram_id": "99", "reason": "a friend paid"})
    answers = [
        page.post(url, {"telegram_id": "7", "plan": "", "reason": "a friend paid"}, follow=True)
        for _click in range(2)
    ]

    assert wrong.context["form"].errors["telegram_id"]
    assert "1 done" in answers[0].text
    assert "is not in review" in answers[1].text
    assert Grant.objects.get().user == user
    assert AuditEntry.objects.filter(action="payment.review_resolved", reason="a friend paid").count() == 1


def test_money_is_given_back_and_kept_after_all(page, user):
    payment = pay(user)
    page.post(address("payment_give_back", payment.pk), {"reason": "he asked"})
    assert Payment.objects.get().status == "refund_pending"
    shown = page.get(address("payment_change", payment.pk)).text
    assert "Take the refund back" in shown
    assert ">Give back<" not in shown

    page.post(address("payment_keep", payment.pk), {"reason": "he stays"})

    assert Payment.objects.get().status == "completed"


def test_nobody_changes_or_deletes_money_by_hand(page, user):
    payment = pay(user)

    assert page.get(address("payment_add")).status_code == 403
    assert page.post(address("payment_delete", payment.pk), {"post": "yes"}).status_code == 403
    page.post(address("payment_change", payment.pk), {"amount": "1"})

    assert Payment.objects.get().amount == 199


def test_selling_is_switched_off_and_on(page, user):
    url, again = address("order_stop_selling"), address("order_start_selling")

    page.post(url, {"reason": "prices change"})
    assert repository.is_selling.blocking() is False
    assert "off already" in page.post(url, {"reason": "again"}, follow=True).text
    page.post(again, {"reason": "done"})

    assert repository.is_selling.blocking() is True
    assert AuditEntry.objects.filter(action="switch.changed").count() == 2


def test_a_case_shows_the_last_payments_and_is_closed_once(page, user):
    payment = pay(user)
    case = repository.open_payment_case.blocking(user.pk, "I paid and got nothing", "charge-1")
    shown = page.get(address("paymentcase_change", case.pk)).text
    assert address("payment_change", payment.pk) in shown
    assert "199\u00a0⭐" in shown

    page.post(address("paymentcase_close", case.pk), {"reason": "explained"})
    answer = page.post(address("paymentcase_close", case.pk), {"reason": "again"}, follow=True)

    assert "closed before" in answer.text
    assert PaymentCase.objects.get().resolution == "explained"


def test_who_may_only_look_does_nothing(page, staff, user):
    payment = pay(user)
    staff.is_superuser = False
    staff.save()
    page.force_login(staff)

    answer = page.post(address("payment_give_back", payment.pk), {"reason": "mine"})

    assert answer.status_code == 403
    assert Payment.objects.get().status == "completed"
