"""From the order to the money, and back."""

from datetime import UTC, datetime, timedelta

import pytest

from faceitbot.core import atomically
from faceitbot.core.errors import InvalidInput, Refused
from faceitbot.core.integrity import invariants
from faceitbot.core.models import AuditEntry
from subscriptions.errors import PaymentStateError
from subscriptions.models import Grant, Notice, Order, Payment, PlanPrice
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from tests.factories import StaffFactory, UserFactory
from users.errors import UserNotFound
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

repository = PaymentRepository()
access = SubscriptionRepository()
users = UserRepository()
START = datetime(2025, 11, 1, tzinfo=UTC)


def day(number, **more):
    return START + timedelta(days=number, **more)


async def pay(order, charge="charge-1", **other):
    notice = {
        "telegram_id": 7,
        "payload": order.payload,
        "currency": "XTR",
        "total_amount": order.stars,
        "telegram_payment_charge_id": charge,
        **other,
    }
    return await repository.record_successful_payment(**notice)


@pytest.fixture(autouse=True)
def _nothing_is_broken(transactional_db):
    """After each test the rows must agree with each other."""
    yield
    assert {found.name: list(found.find()) for found in invariants() if list(found.find())} == {}


@pytest.fixture
async def user(closed_links):
    return await users.create_user(7)


@pytest.fixture
async def staff():
    return await atomically(StaffFactory.create)


async def test_an_order_has_the_price_of_the_plan_and_what_the_invoice_needs(user):
    order = await repository.create_order(user.id, "premium", "yearly", now=day(0))

    assert (order.tier, order.days, order.stars, order.list_stars) == ("premium", 365, 1999, 1999)
    assert order.payload.startswith("pay:")
    assert order.expires_at == day(0, hours=1)
    assert (order.title, order.state, order.recurring) == ("Premium: 365 дней", "open", False)
    assert len(order.description) <= 255


async def test_a_payment_of_ones_own_price_keeps_the_list_price_beside_it(user):
    payment = await repository.create_payment(user.id, 99, "premium", description="Скидка")

    order = await atomically(Order.objects.get)
    assert (payment.amount, payment.status, payment.payload) == (99, "pending", order.payload)
    assert (order.stars, order.list_stars, order.description) == (99, 199, "Скидка")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("free",), InvalidInput),
        (("gold",), InvalidInput),
        (("premium", "weekly"), InvalidInput),
        (("premium", "yearly", True), Refused),
    ],
)
async def test_what_is_not_sold_is_not_ordered(user, arguments, error):
    with pytest.raises(error):
        await repository.create_order(user.id, *arguments)

    assert await atomically(Order.objects.count) == 0


async def test_an_unknown_user_orders_nothing():
    unknown = (await atomically(UserFactory.build)).pk

    with pytest.raises(UserNotFound):
        await repository.create_order(unknown, "premium")
    with pytest.raises(UserNotFound):
        await repository.create_payment(unknown, 199, "premium")


async def test_selling_can_be_switched_off(user, staff):
    order = await repository.create_order(user.id, "premium")

    assert await repository.set_selling(False, actor=staff, reason="prices change") is True

    with pytest.raises(Refused) as refused:
        await repository.create_order(user.id, "premium")
    assert refused.value.context["reason"] == "closed"
    assert await repository.authorise_checkout(order.payload, 7, "XTR", 199) == (False, "closed")
    assert (await pay(order)).kind == "granted"  # money that comes all the same is taken
    assert await repository.set_selling(True, actor=staff, reason="done") is True
    assert (await repository.create_order(user.id, "premium")).state == "open"


async def test_a_plan_that_is_off_sale_is_not_ordered(user):
    await atomically(PlanPrice.objects.filter(tier="pro").update, on_sale=False)

    with pytest.raises(Refused) as refused:
        await repository.create_order(user.id, "pro")

    assert refused.value.context["reason"] == "off_sale"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({}, None),
        ({"payload": "pay:unknown"}, "unknown"),
        ({"payload": "nul\x00"}, "unknown"),
        ({"payload": "x" * 129}, "unknown"),
        ({"payload": None}, "unknown"),
        ({"telegram_id": 8}, "other_payer"),
        ({"telegram_id": True}, "other_payer"),
        ({"currency": "USD"}, "currency"),
        ({"total_amount": 198}, "amount"),
        ({"total_amount": "199"}, "amount"),
        ({"now": day(0, hours=1)}, "expired"),
    ],
)
async def test_a_checkout_is_declined_with_its_reason(user, changes, error):
    order = await repository.create_order(user.id, "premium", now=day(0))
    asked = {
        "payload": order.payload,
        "telegram_id": 7,
        "currency": "XTR",
        "total_amount": 199,
        "now": day(0),
    }

    decision = await repository.authorise_checkout(**asked | changes)

    assert (decision.ok, decision.error) == (error is None, error)
    assert decision == (error is None, error)


async def test_a_blocked_buyer_does_not_pay(user, staff):
    order = await repository.create_order(user.id, "premium", now=day(0))
    await UserRepository().block_users([7], actor=staff, reason="a bot")

    for payload in (order.payload, "premium_monthly_7"):
        decision = await repository.authorise_checkout(payload, 7, "XTR", 199, now=day(0))
        assert decision == (False, "closed")


async def test_old_invoices_are_closed_with_the_sale(user, staff):
    payload = "premium_monthly_7"
    await repository.set_selling(False, actor=staff, reason="prices change")
    assert await repository.authorise_checkout(payload, 7, "XTR", 199) == (False, "closed")
    await repository.set_selling(True, actor=staff, reason="done")
    assert await repository.authorise_checkout(payload, 7, "XTR", 199) == (True, None)

    await atomically(PlanPrice.objects.filter(tier="premium", duration="monthly").update, on_sale=False)

    assert await repository.authorise_checkout(payload, 7, "XTR", 199) == (False, "closed")


async def test_a_checkout_of_what_is_paid_is_declined(user):
    order = await repository.create_order(user.id, "premium", now=day(0))
    await pay(order, now=day(0))

    assert await repository.authorise_checkout(order.payload, 7, "XTR", 199, now=day(2)) == (False, "paid")


async def test_a_payment_is_granted_once(user):
    order = await repository.create_order(user.id, "premium", now=day(0))

    first = await pay(order, now=day(0))
    again = await pay(order, now=day(1))

    assert (first.kind, again.kind) == ("granted", "repeated")
    assert first.payment == again.payment
    assert (first.payment.status, first.payment.amount, first.payment.days) == ("completed", 199, 30)
    assert (first.subscription.tier, first.subscription.expires_at) == ("premium", day(30))
    assert again.subscription.expires_at == day(30)
    assert await atomically(Grant.objects.count) == 1
    assert (await atomically(Order.objects.get)).state == "paid"
    (entry,) = await atomically(lambda: list(AuditEntry.objects.filter(action="payment.completed")))
    assert entry.object_id == str(first.payment.pk)


async def test_the_requirements_form_of_the_same(user):
    payment = await repository.create_payment(user.id, 299, "pro")

    done = await repository.complete_payment(payment.id, "charge-1")
    again = await repository.complete_payment(payment.id, "charge-1")

    assert (done.id, done.status, again.status) == (payment.id, "completed", "completed")
    assert (await access.get_by_user_id(user.id)).tier == "pro"
    with pytest.raises(PaymentStateError):
        await repository.complete_payment(payment.id, "charge-2")
    stored = await repository.get_by_charge_id("charge-2")
    assert (stored.status, stored.review_reason) == ("needs_review", "already_paid")
    assert (await repository.get_by_id(payment.id)).telegram_payment_charge_id == "charge-1"
    assert await atomically(Grant.objects.count) == 1
    assert await repository.complete_payment(order_id := user.id, "charge-3") is None
    assert await repository.get_by_charge_id("charge-3") is None, order_id


async def test_money_that_comes_after_the_order_failed_or_expired_is_granted(user):
    payment = await repository.create_payment(user.id, 199, "premium", now=day(0))
    failed = await repository.fail_payment(payment.id, "declined\x00")
    assert (failed.status, failed.error) == ("failed", "declined")

    outcome = await pay(await atomically(Order.objects.get), now=day(0, hours=2))

    assert (outcome.kind, outcome.payment.id) == ("granted", payment.id)
    with pytest.raises(PaymentStateError):
        await repository.fail_payment(payment.id, "late")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"payload": "pay:unknown"}, "unknown_payload"),
        ({"payload": "premium_monthly_99"}, "unknown_user"),
        ({"telegram_id": 8}, "other_payer"),
        ({"currency": "USD"}, "currency"),
        ({"total_amount": 198}, "amount"),
        ({"total_amount": 10**30}, "unreadable"),
        ({"total_amount": None}, "unreadable"),
        ({"telegram_payment_charge_id": "x\x00" * 5_000}, "unreadable"),
    ],
)
async def test_odd_money_is_kept_for_a_person(user, changes, reason):
    order = await repository.create_order(user.id, "premium")

    outcome = await pay(order, **changes)
    again = await pay(order, **changes)

    assert (outcome.kind, outcome.payment.status) == ("in_review", "needs_review")
    assert outcome.payment.review_reason == reason
    assert (again.kind, again.payment) == ("repeated", outcome.payment)
    assert await atomically(Grant.objects.count) == 0
    assert await repository.get_payments_to_review() == [outcome.payment]


async def test_money_without_a_charge_id_cannot_be_told_from_other_money(user):
    order = await repository.create_order(user.id, "premium")

    for nothing in ("", None):
        with pytest.raises(InvalidInput, match="charge id"):
            await pay(order, nothing)


async def test_an_invoice_of_the_predecessor_is_sold_each_time(user):
    payload = "premium_monthly_7"
    assert await repository.authorise_checkout(payload, 7, "XTR", 199) == (True, None)
    assert await repository.authorise_checkout(payload, 8, "XTR", 199) == (False, "other_payer")
    assert await repository.authorise_checkout("premium_monthly_99", 99, "XTR", 199) == (False, "unknown")

    for charge in ("one", "one", "two"):
        outcome = await repository.record_successful_payment(7, payload, "XTR", 199, charge, now=day(0))

    assert outcome.subscription.expires_at == day(60)
    assert await atomically(Payment.objects.count) == await atomically(Order.objects.count) == 2


async def test_a_subscription_renews_with_each_charge(user):
    order = await repository.create_order(user.id, "premium", recurring=True, now=day(0))
    first = await pay(order, "one", is_recurring=True, is_first_recurring=True, now=day(0))
    second = await pay(order, "two", is_recurring=True, now=day(30))
    other = await pay(order, "three", now=day(31))

    assert (first.kind, second.kind, other.kind) == ("granted", "renewed", "in_review")
    assert second.subscription.expires_at == day(60)
    assert second.subscription.auto_renew is True
    (notice,) = await access.claim_notices(now=day(31))
    assert (notice.kind, notice.data) == ("renewed", {"tier": "premium", "days": 30, "stars": 199})

    await repository.record_subscription_state(7, order.payload, "failed", now=day(60))
    again = await repository.record_subscription_state(7, order.payload, "failed", now=day(61))
    assert (again.auto_renew, again.renewal_failed_at) == (True, day(60))
    off = await repository.record_subscription_state(7, order.payload, "canceled", now=day(62))
    assert (off.auto_renew, off.renewal_failed_at, off.expires_at) == (False, None, day(60))
    assert await repository.record_subscription_state(8, order.payload, "active") is None
    assert [notice.kind for notice in await access.claim_notices(now=day(62))] == ["renewal_failed"]


async def test_the_first_charge_may_be_heard_of_after_the_second(user):
    order = await repository.create_order(user.id, "premium", recurring=True, now=day(0))

    second = await pay(order, "two", is_recurring=True, now=day(30))
    first = await pay(order, "one", is_recurring=True, is_first_recurring=True, now=day(31))
    another = await pay(order, "three", is_recurring=True, is_first_recurring=True, now=day(32))

    assert (second.kind, first.kind, another.kind) == ("granted", "renewed", "in_review")
    assert first.subscription.expires_at == day(90)


async def test_a_refund_takes_what_was_paid_for_and_nothing_else(user, staff):
    premium = await repository.create_order(user.id, "premium", now=day(0))
    pro = await repository.create_order(user.id, "pro", now=day(0))
    await pay(premium, "one", now=day(0))
    paid = await pay(pro, "two", now=day(10))

    asked = await repository.request_refund(paid.payment.id, actor=staff, reason="he asked", now=day(12))
    (claimed,) = await repository.get_refunds_to_submit(now=day(12))
    back = await repository.mark_refunded(claimed.charge_id, now=day(12))
    again = await repository.mark_refunded(claimed.charge_id, now=day(13))

    assert (asked.status, back.status, again) == ("refund_pending", "refunded", back)
    assert claimed == (paid.payment.id, 7, "two")
    row = await access.get_by_user_id(user.id)
    assert (row.tier, row.expires_at, row.next_tier) == ("premium", day(30), None)
    (notice,) = await access.claim_notices(now=day(12))
    assert (notice.kind, notice.data["stars"]) == ("refunded", 299)
    assert await repository.get_refunds_to_submit(now=day(13)) == []


async def test_a_refund_can_be_taken_back_until_it_is_claimed(user, staff):
    paid = (await pay(await repository.create_order(user.id, "premium"))).payment
    await repository.request_refund(paid.id, actor=staff, reason="he asked")
    assert (await repository.cancel_refund(paid.id, actor=staff, reason="he stays")).status == "completed"
    await repository.request_refund(paid.id, actor=staff, reason="he asked")
    await repository.get_refunds_to_submit()

    with pytest.raises(PaymentStateError):
        await repository.cancel_refund(paid.id, actor=staff, reason="too late")

    assert (await repository.get_by_id(paid.id)).status == "refund_pending"


async def test_a_refund_that_failed_waits_longer_each_time(user, staff):
    paid = (await pay(await repository.create_order(user.id, "premium"))).payment
    await repository.request_refund(paid.id, actor=staff, reason="he asked", now=day(0))
    waits, moment = [], day(0)
    for _attempt in range(3):
        await repository.get_refunds_to_submit(now=moment)
        kept = await repository.mark_refund_failed(paid.id, "FLOOD_WAIT", now=moment)
        waits.append((kept.refund_claimed_until - moment) / timedelta(minutes=1))
        moment = kept.refund_claimed_until

    assert waits == [2, 4, 8]
    assert (kept.status, kept.refund_attempts, kept.error) == ("refund_pending", 3, "FLOOD_WAIT")
    done = await repository.mark_refund_failed(paid.id, "Bad Request: CHARGE_ALREADY_REFUNDED")
    assert done.status == "refunded"


async def test_a_refund_that_comes_first_is_remembered(user):
    order = await repository.create_order(user.id, "premium")
    left = await repository.mark_refunded("charge-1")

    outcome = await pay(order)
    again = await pay(order)

    assert (outcome.kind, again.kind) == ("refunded_before", "refunded_before")
    assert (outcome.payment.id, outcome.payment.status) == (left.id, "refunded")
    assert (outcome.payment.received_amount, outcome.payment.order_id) == (199, order.id)
    assert await atomically(Grant.objects.count) == 0


async def test_staff_answer_to_money_in_review(user, staff):
    order = await repository.create_order(user.id, "premium", now=day(0))
    friend = await pay(order, "one", telegram_id=8, now=day(0))
    unknown = await pay(order, "two", payload="?", now=day(0))
    spoilt = await pay(order, "three", currency="USD", now=day(0))

    done = await repository.resolve_review(
        friend.payment.id, actor=staff, reason="a friend paid", grant_to=user.id, now=day(1)
    )
    assert (done.status, done.amount, done.order_id) == ("completed", 199, order.id)
    assert (await access.get_by_user_id(user.id)).expires_at == day(31)
    answer = {"actor": staff, "reason": "checked", "grant_to": user.id, "now": day(1)}
    with pytest.raises(Refused) as refused:
        await repository.resolve_review(unknown.payment.id, **answer)
    assert refused.value.context["reason"] == "no_plan"
    bought = await repository.resolve_review(unknown.payment.id, **answer, tier="pro")
    assert (bought.tier, bought.days, bought.amount) == ("pro", 30, 199)
    with pytest.raises(Refused) as refused:
        await repository.resolve_review(spoilt.payment.id, **answer)
    assert refused.value.context["reason"] == "not_stars"
    asked = await repository.resolve_review(spoilt.payment.id, actor=staff, reason="back", refund=True)
    assert asked.status == "refund_pending"
    kept = await repository.cancel_refund(spoilt.payment.id, actor=staff, reason="wait")
    assert kept.status == "needs_review"
    with pytest.raises(InvalidInput):
        await repository.resolve_review(spoilt.payment.id, actor=staff, reason="?")
    with pytest.raises(PaymentStateError):
        await repository.resolve_review(friend.payment.id, **answer)
    kinds = await atomically(lambda: sorted(Notice.objects.values_list("kind", flat=True)))
    assert kinds == ["payment_resolved", "payment_resolved"]


async def test_a_user_has_one_open_case(user, staff):
    await pay(await repository.create_order(user.id, "premium"))

    case = await repository.open_payment_case(user.id, "I paid\nand got nothing\x00", "charge-1")
    again = await repository.open_payment_case(user.id, "Hello?")

    assert again.pk == case.pk
    assert again.text == "I paid\nand got nothing\nHello?"
    assert [payment.telegram_payment_charge_id for payment in case.last_payments] == ["charge-1"]
    assert [found.pk for found in await repository.get_open_cases()] == [case.pk]
    await repository.close_payment_case(case.pk, actor=staff, reason="explained")
    assert await repository.get_open_cases() == []
    assert (await repository.open_payment_case(user.id, "Again")).pk != case.pk


async def test_revenue_counts_when_it_came_and_refunds_when_they_went(user):
    for number, (tier, duration) in enumerate(
        [("premium", "monthly"), ("premium", "monthly"), ("pro", "yearly")]
    ):
        order = await repository.create_order(user.id, tier, duration, now=day(number))
        await pay(order, f"charge-{number}", now=day(number))
    await pay(order, "odd", now=day(2))
    await repository.mark_refunded("charge-0", now=day(5))

    assert await repository.get_revenue_stats(day(0), day(10)) == {
        "total_revenue": 3397,
        "total_payments": 3,
        "average_payment": 1132.33,
        "refunded_revenue": 199,
        "revenue_breakdown": {
            "premium_monthly": {"revenue": 398, "payments": 2},
            "pro_yearly": {"revenue": 2999, "payments": 1},
        },
        "period": {"start": "2025-11-01T00:00:00+00:00", "end": "2025-11-11T00:00:00+00:00"},
    }
    later = await repository.get_revenue_stats(day(3))
    assert (later["total_revenue"], later["average_payment"], later["refunded_revenue"]) == (0, 0.0, 199)


async def test_a_users_payments_newest_first(user):
    for number in range(3):
        order = await repository.create_order(user.id, "premium", now=day(number))
        await pay(order, f"charge-{number}", now=day(number))

    found = await repository.get_user_payments(user.id, limit=2)

    assert [payment.telegram_payment_charge_id for payment in found] == ["charge-2", "charge-1"]
    assert await repository.get_user_payments(user.id, status="refunded") == []
    with pytest.raises(InvalidInput):
        await repository.get_user_payments(user.id, status="lost")
