"""Access for many users at once: who is in, what each is given, and what a name means."""

from datetime import UTC, datetime, timedelta

import pytest

from faceitbot.core.audit import history
from faceitbot.core.errors import Conflict, InvalidInput
from subscriptions.models import Campaign, CampaignMember, Grant, Notice, UserSubscription
from subscriptions.repositories import CampaignRepository, SubscriptionRepository
from tests.factories import StaffFactory
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
campaigns, access, users = CampaignRepository(), SubscriptionRepository(), UserRepository()
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def anna():
    return StaffFactory.create(username="anna")


@pytest.fixture
def people():
    return [users.create_user.blocking(number) for number in range(1, 6)]


def start(anna, people, **other):
    given = {"name": "Outage of 1 November", "tier": "premium", "duration_days": 2, "reason": "outage"}
    keys = [user.pk for user in people]
    return campaigns.start.blocking(**{**given, "users": keys, "actor": anna, **other})


def run(campaign, limit=2):
    batches = []
    while done := campaigns.run_batch.blocking(campaign.pk, limit, now=NOW):
        batches.append(done)
    campaigns.finish.blocking(campaign.pk)
    campaign.refresh_from_db()
    return batches


def test_each_member_is_given_once_in_batches(anna, people):
    campaign = start(anna, people)

    assert run(campaign) == [2, 2, 1]

    grants = Grant.objects.order_by("user__telegram_id")
    assert [grant.user for grant in grants] == people
    assert {(grant.tier, grant.duration, grant.actor, grant.reason) for grant in grants} == {
        ("premium", timedelta(days=2), anna, "outage")
    }
    shown = UserSubscription.objects.values_list("tier", "expires_at").distinct()
    assert list(shown) == [("premium", NOW + timedelta(days=2))]
    assert campaign.finished_at is not None
    progress = campaigns.get_progress.blocking(campaign.pk)
    assert (progress.members, progress.given, progress.waiting, progress.refused) == (5, 5, 0, {})


def test_each_is_told_and_has_an_entry_of_his_own(anna, people):
    campaign = start(anna, people)
    run(campaign)

    row = UserSubscription.objects.get(user=people[0])
    grant = Grant.objects.get(user=people[0])
    (of_subscription,), (of_grant,) = history(row), history(grant)
    assert (of_subscription.action, of_subscription.actor, of_subscription.reason) == (
        "grant.given",
        anna,
        "outage",
    )
    assert (of_subscription.before["tier"], of_subscription.after["tier"]) == ("free", "premium")
    assert of_grant.after == {"tier": "premium", "days": 2}
    notice = Notice.objects.get(user=people[0])
    assert (notice.kind, notice.data) == ("granted_by_staff", {"tier": "premium", "days": 2})
    (started,) = history(campaign)
    assert (started.action, started.after["members"]) == ("campaign.started", 5)


def test_a_campaign_without_a_tier_adds_to_what_each_has(anna, people):
    premium, pro, for_ever, _nothing, over = people
    access.upgrade_subscription.blocking(premium.pk, "premium", 10, now=NOW)
    access.upgrade_subscription.blocking(pro.pk, "pro", 10, now=NOW)
    access.grant_access.blocking(
        for_ever.pk, "pro", None, actor=anna, reason="founder", request_id="1", now=NOW
    )
    access.upgrade_subscription.blocking(over.pk, "pro", 10, now=NOW - timedelta(days=20))

    campaign = start(anna, people, tier=None)
    run(campaign)

    given = Grant.objects.filter(campaign_member__isnull=False)
    assert {(grant.user, grant.tier) for grant in given} == {(premium, "premium"), (pro, "pro")}
    row = UserSubscription.objects.get(user=pro)
    assert row.expires_at == NOW + timedelta(days=12)
    progress = campaigns.get_progress.blocking(campaign.pk)
    assert progress.refused == {"for_ever": 1, "no_access": 2}


def test_the_blocked_and_the_erased_are_left_out(anna, people):
    users.block_users.blocking([1], actor=anna, reason="spam")
    users.forget_identity.blocking(people[1].pk)

    campaign = start(anna, people)

    assert campaign.members == 3


def test_who_is_blocked_or_erased_meanwhile_is_given_nothing(anna, people):
    campaign = start(anna, people)
    users.block_users.blocking([1], actor=anna, reason="spam")
    users.forget_identity.blocking(people[1].pk)

    run(campaign)

    assert Grant.objects.count() == 3
    assert campaigns.get_progress.blocking(campaign.pk).refused == {"blocked": 1, "erased": 1}


def test_the_same_name_is_the_same_campaign(anna, people):
    first = start(anna, people[:3])
    run(first)

    again = start(anna, people, name="  OUTAGE of 1 november ")
    assert again.finished_at is None
    run(again)

    assert Campaign.objects.count() == 1
    assert again.members == 5
    assert Grant.objects.count() == 5
    assert sorted(Grant.objects.values_list("user__telegram_id", flat=True)) == [1, 2, 3, 4, 5]
    assert [(entry.before, entry.after["members"]) for entry in history(again)] == [
        ({"tier": "premium", "days": 2, "members": 3}, 5),
        ({}, 3),
    ]


def test_a_repeated_start_with_nobody_new_changes_nothing(anna, people):
    campaign = start(anna, people)
    run(campaign)
    finished = campaign.finished_at

    again = start(anna, people)

    assert again.finished_at == finished
    assert run(again) == []
    assert len(history(campaign)) == 1


@pytest.mark.parametrize("other", [{"tier": "pro"}, {"tier": None}, {"duration_days": 3}])
def test_a_name_does_not_give_two_different_things(anna, people, other):
    start(anna, people)

    with pytest.raises(Conflict, match="gives something else"):
        start(anna, people, **other)

    assert CampaignMember.objects.count() == 5


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"tier": "free"}, "tier"),
        ({"duration_days": 0}, "duration_days"),
        ({"reason": " "}, "reason"),
        ({"users": ["nobody"]}, "users"),
    ],
)
def test_what_can_never_be_right_is_named(anna, people, other, field):
    with pytest.raises(InvalidInput, match=field):
        start(anna, people, **other)

    assert Campaign.objects.count() == 0


def test_a_stopped_campaign_gives_nothing_until_it_is_resumed(anna, people):
    campaign = start(anna, people)
    campaigns.run_batch.blocking(campaign.pk, 2)
    campaigns.stop.blocking(campaign.pk, actor=anna, reason="too much")

    assert campaigns.run_batch.blocking(campaign.pk, 2) == 0
    assert campaigns.get_running.blocking() == []
    campaigns.resume.blocking(campaign.pk, actor=anna, reason="it was right")

    assert run(campaign) == [2, 1]
    assert [entry.action for entry in history(campaign)] == [
        "campaign.resumed",
        "campaign.stopped",
        "campaign.started",
    ]


def test_what_is_done_is_not_stopped_and_what_runs_not_resumed(anna, people):
    campaign = start(anna, people)
    with pytest.raises(Conflict, match="not stopped"):
        campaigns.resume.blocking(campaign.pk, actor=anna, reason="why not")
    run(campaign)

    with pytest.raises(Conflict, match="not running"):
        campaigns.stop.blocking(campaign.pk, actor=anna, reason="too late")
