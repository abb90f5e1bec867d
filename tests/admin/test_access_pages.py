"""What staff do about access, through the pages: once each, with a reason, told and on record."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from faceitbot.core import clock
from faceitbot.core.models import AuditEntry
from subscriptions.models import Grant, Notice, PlanPrice, Referral, TierLimits, UserSubscription
from subscriptions.repositories import SubscriptionRepository
from tests.admin.forms import as_opened, filled
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db

repository = SubscriptionRepository()


@pytest.fixture
def user():
    return UserRepository().create_user.blocking(7)


def action(model, name, row):
    return reverse(f"admin:subscriptions_{model}_{name}", args=[row.pk])


def change(model, key):
    return reverse(f"admin:subscriptions_{model}_change", args=[key])


def test_access_is_given_once_however_often_the_form_is_sent(page, staff, user):
    row = UserSubscription.objects.get(user=user)
    url = action("usersubscription", "give", row)
    sent = filled(page.get(url), tier="pro", days="30", reason="a prize")

    answers = [page.post(url, sent, follow=True) for _click in range(2)]

    assert all(answer.status_code == 200 for answer in answers)
    grant = Grant.objects.get()
    assert (grant.tier, grant.duration.days, grant.actor, grant.reason) == ("pro", 30, staff, "a prize")
    assert repository.get_by_user_id.blocking(user.pk).tier == "pro"
    assert Notice.objects.get().kind == "granted_by_staff"
    assert "a prize" in page.get(change("usersubscription", row.pk)).text


def test_without_a_reason_nothing_is_given(page, user):
    row = UserSubscription.objects.get(user=user)

    answer = page.post(action("usersubscription", "give", row), {"tier": "pro", "days": "30", "reason": " "})

    assert answer.status_code == 200
    assert answer.context["form"].errors["reason"]
    assert Grant.objects.count() == 0


@pytest.mark.parametrize("time", [{}, {"days": "30", "for_ever": "on"}])
def test_for_how_long_must_be_said_once(page, user, time):
    row = UserSubscription.objects.get(user=user)
    sent = {"tier": "pro", "reason": "a prize", **time}

    answer = page.post(action("usersubscription", "give", row), sent)

    assert answer.context["form"].errors["days"]
    assert Grant.objects.count() == 0


def test_access_for_ever_has_no_end(page, user):
    row = UserSubscription.objects.get(user=user)

    page.post(
        action("usersubscription", "give", row),
        {"tier": "pro", "for_ever": "on", "reason": "a founder"},
    )

    assert Grant.objects.get().duration is None
    assert "Pro</span>" in "".join(page.get(change("usersubscription", row.pk)).text.split("\n")).replace(
        "  ", ""
    )


def test_a_grant_is_revoked_and_a_second_click_is_told_so(page, user):
    repository.upgrade_subscription.blocking(user.pk, "premium")
    grant = Grant.objects.get()

    texts = [
        page.post(action("grant", "revoke", grant), {"reason": "a mistake"}, follow=True).text
        for _click in range(2)
    ]

    assert "1 done." in texts[0]
    assert "has been revoked before" in texts[1]
    assert repository.get_by_user_id.blocking(user.pk).tier == "free"
    assert AuditEntry.objects.filter(action="grant.revoked", object_id=str(grant.pk)).count() == 1
    shown = page.get(change("grant", grant.pk)).text
    assert "a mistake" in shown
    assert action("grant", "revoke", grant) not in shown


def test_a_referral_is_voided(page, user):
    code = repository.generate_referral_code.blocking(user.pk)
    guest = UserRepository().create_user.blocking(8)
    repository.apply_referral.blocking(guest.pk, code)

    page.post(action("referral", "void", Referral.objects.get()), {"reason": "one person, two accounts"})

    assert Referral.objects.get().voided_at is not None
    assert set(Grant.objects.values_list("revoke_reason", flat=True)) == {"one person, two accounts"}


def test_requests_are_set_back(page, user):
    repository.consume_request.blocking(user.pk)
    row = UserSubscription.objects.get(user=user)

    page.post(action("usersubscription", "reset_requests", row), {"reason": "a bug of ours"})

    row.refresh_from_db()
    assert row.daily_requests == 0


def test_a_changed_plan_decides_at_once_and_is_on_record(page, staff, user):
    url = change("tierlimits", "free")

    assert page.post(url, {**as_opened(page, url), "daily_requests": "1"}).status_code == 302

    assert TierLimits.objects.get(pk="free").daily_requests == 1
    answers = [repository.consume_request.blocking(user.pk).allowed for _call in range(2)]
    assert answers == [True, False]
    entry = AuditEntry.objects.get(action="plan.changed")
    assert (entry.actor, entry.before, entry.after) == (staff, {"daily_requests": 10}, {"daily_requests": 1})


def test_plans_are_neither_added_nor_deleted(page):
    for model, row in (
        ("tierlimits", TierLimits.objects.get(pk="pro")),
        ("planprice", PlanPrice.objects.first()),
    ):
        assert page.get(reverse(f"admin:subscriptions_{model}_add")).status_code == 403
        assert page.post(reverse(f"admin:subscriptions_{model}_delete", args=[row.pk])).status_code == 403


def test_facts_are_not_edited(page, user):
    repository.upgrade_subscription.blocking(user.pk, "premium")
    grant = Grant.objects.get()

    assert page.post(change("grant", grant.pk), {"tier": "pro"}).status_code == 403
    assert page.post(reverse("admin:subscriptions_grant_delete", args=[grant.pk])).status_code == 403


def test_who_may_only_look_is_offered_no_action(onlooker, user):
    row = UserSubscription.objects.get(user=user)

    answer = onlooker.post(action("usersubscription", "give", row), {"reason": "x"})

    assert answer.status_code == 403
    assert Grant.objects.count() == 0


def test_an_old_page_brings_no_old_price_back(page):
    price = PlanPrice.objects.get(tier="pro", duration="monthly")
    url = change("planprice", price.pk)
    opened = as_opened(page, url)
    assert page.post(url, {**opened, "stars": "499"}).status_code == 302

    assert page.post(url, {**opened, "days": "31"}).status_code == 302
    refused = page.post(url, {**opened, "stars": "349"})
    unchanged = page.post(url, as_opened(page, url))

    assert "changed this meanwhile" in refused.text
    assert unchanged.status_code == 302
    price.refresh_from_db()
    assert (price.stars, price.days) == (499, 31)
    entries = AuditEntry.objects.filter(action="plan.changed").order_by("pk")
    assert [entry.after for entry in entries] == [{"stars": 499}, {"days": 31}]


def test_pages_show_what_is_in_force_and_not_what_is_stored(page, user):
    """Pro ended two days ago, premium goes on; no job has run, and today is another day."""
    now = clock.now()
    repository.upgrade_subscription.blocking(user.pk, "premium", 30, now=now - timedelta(days=12))
    repository.upgrade_subscription.blocking(user.pk, "pro", 10, now=now - timedelta(days=12))
    repository.consume_request.blocking(user.pk, now=now - timedelta(days=3))
    row = UserSubscription.objects.get(user=user)
    assert row.tier == "pro"

    shown = page.get(change("usersubscription", row.pk)).text
    listed = {
        tier: page.get(reverse("admin:subscriptions_usersubscription_changelist"), {"in_force": tier})
        for tier in ("pro", "premium", "free")
    }

    found = {tier: [hit.pk for hit in answer.context["cl"].result_list] for tier, answer in listed.items()}
    assert found == {"pro": [], "premium": [row.pk], "free": []}
    form = page.get(change("usersubscription", row.pk)).context["adminform"]
    values = {field.field["name"]: str(field.contents()) for line in form for part in line for field in part}
    assert "Premium" in values["tier_label"]
    assert "in 3\xa0weeks" in values["show_until"]
    assert values["show_next"] == "—"
    assert values["number_requests"] == "0"
    assert "used up" in shown
    assert "in use" in shown


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("usersubscription", "give"),
        ("usersubscription", "reset_requests"),
        ("grant", "revoke"),
        ("referral", "void"),
        ("payment", "resolve"),
        ("payment", "give_back"),
        ("paymentcase", "close"),
    ],
)
def test_an_action_on_a_row_that_is_not_there_says_so(page, model, name):
    url = reverse(f"admin:subscriptions_{model}_{name}", args=[uuid.uuid4()])

    for answer in (page.get(url, follow=True), page.post(url, {"reason": "mine"}, follow=True)):
        assert answer.status_code == 200
        assert "no such row" in answer.text
