"""Who a person was goes from everywhere, what he did and paid stays under the pseudonym."""

from datetime import timedelta

import pytest
from django.db.models import Count, Sum

from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput
from faceitbot.core.integrity import invariants
from faceitbot.core.models import AuditEntry
from faceitbot.models import ImportRefusal, ImportRun
from faceitbot.personal.erasing import erase_person
from faceitbot.personal.forgetting import prune_personal_data
from stats.models import PlayerStatsCache
from subscriptions.models import (
    Grant,
    Notice,
    Order,
    Payment,
    PaymentCase,
    Referral,
    StarSync,
    UserSubscription,
)
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from tests.faceitbot.personal.life import NICKNAME, OTHER_ID, TELEGRAM_ID, live, pay
from tests.faceitbot.personal.traces import found
from tests.factories import StaffFactory
from users.errors import UserNotFound
from users.models import User, UserActivity
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)
LATER = timedelta(days=31)
REASON = "by request of the person"
users, access, payments = UserRepository(), SubscriptionRepository(), PaymentRepository()


@pytest.fixture
def words(tmp_path, settings):
    """Give what names a person who has lived through the whole product, and is in the cache."""
    settings.CACHES["stats_cache"]["TIMEOUT"] = 600
    named = live(tmp_path)
    users.get_by_telegram_id.blocking(TELEGRAM_ID)
    users.get_by_nickname.blocking(NICKNAME)
    users.get_top_active_users.blocking()
    yield named
    settings.CACHES["stats_cache"]["TIMEOUT"] = 0


@pytest.fixture
def user():
    return users.create_user.blocking(TELEGRAM_ID, "player-1", NICKNAME)


def ledger():
    """Give the sums that must survive."""
    return {
        "payments": Payment.objects.aggregate(Count("pk"), Sum("amount"), Sum("received_amount")),
        "revenue": payments.get_revenue_stats.blocking(),
        "grants": list(Grant.objects.values("tier").annotate(Count("pk"), Sum("duration")).order_by("tier")),
        "orders": Order.objects.aggregate(Count("pk"), Sum("stars")),
        "referrals": Referral.objects.count(),
        "requests": UserActivity.objects.aggregate(Sum("requests")),
        "access": list(UserSubscription.objects.order_by("pk").values("tier", "expires_at")),
    }


def broken():
    return {each.name: rows for each in invariants() if (rows := list(each.find()))}


def places(where):
    return {place for _word, place in where}


def test_nothing_is_left_of_a_person_but_what_he_did(words):
    before, key = ledger(), users.get_by_telegram_id.blocking(TELEGRAM_ID).pk
    planted = found(words)

    erasure = erase_person(TELEGRAM_ID, reason=REASON)
    kept = found(words)
    pruned = prune_personal_data(clock.now() + LATER)

    # Each word lay somewhere, in Redis and in the logs too: the search finds what there is.
    assert {word for word, _place in planted} == {word.lower() for word in words}
    assert places(planted) >= {
        "audit_entries",
        "grants",
        "import_refusals",
        "import_undecided_access",
        "notices",
        "orders",
        "payment_cases",
        "payments",
        "redis",
        "referrals",
        "star_transactions",
        "user_subscriptions",
        "users",
    }
    # Without the pruning the payer is still there, and what the file said where the id was unreadable.
    assert places(kept) == {"payments", "star_transactions", "import_refusals"}
    assert erasure.waiting == {"payments": 5, "star_transactions": 2}
    assert pruned == {"payments": 5, "star_transactions": 2, "import_refusals": 2}
    assert found(words) == set()
    assert ledger() == before
    assert broken() == {}
    nobody = User.objects.get(pk=key)
    assert (nobody.telegram_id, nobody.language, nobody.total_requests) == (None, "ru", 1)
    assert nobody.erased_at is not None
    assert list(PlayerStatsCache.objects.values_list("user", "faceit_elo")) == [(None, 1900)]


def test_what_was_never_paid_has_failed_and_what_was_open_is_closed(words):
    assert Payment.objects.filter(status="pending").count() == 1

    erase_person(TELEGRAM_ID, reason=REASON)

    assert not Payment.objects.filter(status="pending").exists()
    assert set(PaymentCase.objects.values_list("text", "resolution")) == {("(erased)", "(erased)")}
    assert PaymentCase.objects.filter(closed_at__isnull=True).count() == 0
    assert {notice.user.telegram_id for notice in Notice.objects.all()} <= {OTHER_ID, OTHER_ID + 1}


def test_the_audit_log_keeps_what_was_done_and_not_what_was_said(words):
    staff = StaffFactory.create()
    before = list(AuditEntry.objects.order_by("pk").values_list("pk", "actor", "action", "before", "after"))

    erase_person(TELEGRAM_ID, reason=REASON, actor=staff)

    *entries, last = AuditEntry.objects.order_by("pk")
    assert [(row.pk, row.actor_id, row.action, row.before, row.after) for row in entries] == before
    # A campaign is about many: why it was started is not about him.
    assert {row.reason for row in entries if row.object_label != "subscriptions.campaign"} == {"", "(erased)"}
    assert (last.action, last.reason, last.actor, list(last.after)) == (
        "user.erased",
        REASON,
        staff,
        ["erased_at"],
    )


def test_erasing_again_finds_nothing(words):
    erase_person(TELEGRAM_ID, reason=REASON)
    entries = AuditEntry.objects.count()

    again = erase_person(TELEGRAM_ID, reason=REASON)
    prune_personal_data(clock.now() + LATER)
    last = erase_person(TELEGRAM_ID, reason=REASON)

    assert (again.changed, again.waiting) == ({}, {"payments": 5, "star_transactions": 2})
    assert (last.changed, last.waiting) == ({}, {})
    assert AuditEntry.objects.count() == entries


def test_nobody_else_is_touched(words):
    other = users.get_by_telegram_id.blocking(OTHER_ID)
    payments.open_payment_case.blocking(other.pk, "Where is it?")
    before = other.__dict__ | {"_state": None}

    erase_person(TELEGRAM_ID, reason=REASON)

    assert users.get_by_telegram_id.blocking(OTHER_ID).__dict__ | {"_state": None} == before
    assert PaymentCase.objects.get(user=other).text == "Where is it?"


def test_pruning_first_and_erasing_later_leaves_nothing_either(words):
    """Whose payment it was is forgotten by then; the reason that names him is found all the same."""
    prune_personal_data(clock.now() + LATER)

    erase_person(TELEGRAM_ID, reason=REASON)
    prune_personal_data(clock.now() + 2 * LATER)

    assert found(words) == set()


def test_he_is_found_in_the_reasons_of_what_is_not_his(user):
    staff = StaffFactory.create()
    users.link_faceit_account.blocking(TELEGRAM_ID, "player-7", "Сосед")
    reasons = [
        f"{TELEGRAM_ID} waits for his payment",
        "Сосед (player-7) ждёт",
        "a neighbour of СоседИ waits",
    ]
    for number, reason in enumerate(reasons):
        StarSync.objects.update(requested_at=None)
        assert payments.request_star_sync.blocking(actor=staff, reason=reason), number

    erase_person(TELEGRAM_ID, reason=REASON)

    entries = AuditEntry.objects.filter(action="star_sync.requested").order_by("pk")
    assert list(entries.values_list("reason", flat=True)) == ["(erased)", "(erased)", reasons[2]]


def test_who_comes_back_is_somebody_else(user):
    erase_person(TELEGRAM_ID, reason=REASON)

    back = users.touch.blocking(TELEGRAM_ID)

    assert back.pk != user.pk
    assert (back.faceit_nickname, back.total_requests) == (None, 1)
    assert User.objects.count() == 2
    assert broken() == {}


def test_nobody_writes_about_an_erased_person_again(user):
    code = access.generate_referral_code.blocking(users.create_user.blocking(OTHER_ID).pk)
    erase_person(TELEGRAM_ID, reason=REASON)

    with pytest.raises(InvalidInput, match="users_erased_is_nobody"):
        users.update.blocking(user.pk, {"faceit_nickname": NICKNAME})
    with pytest.raises(UserNotFound):
        access.generate_referral_code.blocking(user.pk)
    with pytest.raises(UserNotFound):
        payments.open_payment_case.blocking(user.pk, "Hello?")
    assert access.apply_referral.blocking(user.pk, code) == (False, "unknown_user")
    assert users.link_faceit_account.blocking(TELEGRAM_ID, "player-1", NICKNAME) is None
    assert found([NICKNAME]) == set()


def test_money_that_comes_too_late_waits_in_review_for_its_payer(user):
    order = payments.create_order.blocking(user.pk, "premium")
    erase_person(TELEGRAM_ID, reason=REASON)

    outcome = pay(order, "charge-1")

    assert (outcome.kind, outcome.payment.review_reason) == ("in_review", "other_payer")
    assert (outcome.payment.user_id, outcome.payment.payer_telegram_id) == (None, TELEGRAM_ID)
    assert not Grant.objects.exists()
    assert broken() == {}


def test_orders_that_renew_themselves_are_named(user):
    order = payments.create_order.blocking(user.pk, "premium", recurring=True)
    pay(order, "charge-1", is_recurring=True, is_first_recurring=True)

    assert erase_person(TELEGRAM_ID, reason=REASON).renewing == ["charge-1"]


def test_whom_only_a_refused_record_names_is_erased_too():
    run = ImportRun.objects.create(file_name="data.json", sha256="0" * 64, as_of=clock.now())
    named, other = (
        ImportRefusal.objects.create(
            run=run, record=number, line=1, telegram_id=TELEGRAM_ID + number, code="bad", sentence="No."
        )
        for number in (0, 1)
    )

    erasure = erase_person(TELEGRAM_ID, reason=REASON)

    named.refresh_from_db()
    other.refresh_from_db()
    assert erasure.changed == {"import_refusals": 1}
    assert (named.telegram_id, named.sentence, named.code) == (None, "", "bad")
    assert (other.telegram_id, other.sentence) == (TELEGRAM_ID + 1, "No.")


def test_erasing_somebody_who_is_no_user_is_on_record_and_names_nobody():
    staff = StaffFactory.create()
    payments.request_star_sync.blocking(actor=staff, reason=f"{TELEGRAM_ID} paid elsewhere")

    erasures = [erase_person(TELEGRAM_ID, reason=REASON, actor=staff).changed for _time in range(2)]

    assert erasures == [{"audit_entries": 1}, {}]
    entry = AuditEntry.objects.get(action="user.erased")
    assert (entry.actor, entry.reason, entry.object_id, entry.after) == (staff, REASON, "", {})


@pytest.mark.parametrize("name", [str(TELEGRAM_ID), NICKNAME.upper(), "player-1"])
def test_a_reason_that_names_the_person_is_refused(user, name):
    with pytest.raises(InvalidInput, match="must not name the person"):
        erase_person(TELEGRAM_ID, reason=f"{name} asked for it")

    assert users.get_by_telegram_id.blocking(TELEGRAM_ID) == user
    assert not AuditEntry.objects.exists()
