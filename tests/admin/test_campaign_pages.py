"""Access for all users of a list: counted first, given once under a name, watched and stopped on a page."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from faceitbot.core.audit import history
from subscriptions.models import Campaign, Grant
from subscriptions.repositories import CampaignRepository, SubscriptionRepository
from tests.admin.forms import filled
from tests.factories import StaffFactory
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
USERS = reverse("admin:users_user_changelist")
SUBSCRIPTIONS = reverse("admin:subscriptions_usersubscription_changelist")
campaigns, access, users = CampaignRepository(), SubscriptionRepository(), UserRepository()
GIVEN = {"name": "Outage", "tier": "premium", "days": "2", "reason": "outage"}


def people(number, **more):
    first = User.objects.count() + 1
    rows = [{"telegram_id": n, **more} for n in range(first, first + number)]
    return users.create_batch.blocking(rows)


def all_of(rows):
    return {"action": "start_campaign", "select_across": "1", "_selected_action": [str(rows[0].pk)]}


def start(page, url, rows, **given):
    opened = page.post(url, all_of(rows))
    return page.post(url, filled(opened, **{**GIVEN, **given}))


def run(page, campaign):
    return page.post(reverse("admin:subscriptions_campaign_run", args=[campaign.pk]))


def test_the_page_says_first_how_many_users_the_filter_finds(page):
    found = people(60, language="en")
    people(3, language="ru")
    users.block_users.blocking([1, 2], actor=None, reason="spam")

    opened = page.post(f"{USERS}?language=en", all_of(found))

    assert opened.context["state"] == [
        ("Users who are given access", "58"),
        ("Left out: blocked or erased", "2"),
    ]
    assert Campaign.objects.count() == 0


def test_users_of_a_filter_are_given_what_the_form_says(page, staff):
    found = people(60, language="en")
    people(3, language="ru")

    answer = start(page, f"{USERS}?language=en", found)

    campaign = Campaign.objects.get()
    assert answer.url == reverse("admin:subscriptions_campaign_change", args=[campaign.pk])
    assert (campaign.actor, campaign.members, campaign.reason) == (staff, 60, "outage")
    assert Grant.objects.count() == 0
    assert "60 of 60 users" in run(page, campaign).text
    assert Grant.objects.filter(user__language="en").count() == 60
    assert Grant.objects.count() == 60


def test_subscriptions_of_a_filter_are_extended(page):
    some = people(3)
    access.upgrade_subscription.blocking(some[0].pk, "pro", 5)
    rows = [access.get_by_user_id.blocking(some[0].pk)]

    start(page, f"{SUBSCRIPTIONS}?in_force=pro", rows, tier="extend")
    run(page, Campaign.objects.get())

    assert Grant.objects.filter(campaign_member__isnull=False).get().tier == "pro"


def test_the_page_asks_for_batch_after_batch_until_all_is_done(page):
    campaign_of = people(450)
    start(page, USERS, campaign_of)
    campaign = Campaign.objects.get()
    shown = page.get(reverse("admin:subscriptions_campaign_change", args=[campaign.pk])).text
    assert "0 of 450 users" in shown
    assert "hx-post" in shown

    answers = [run(page, campaign) for _batch in range(3)]

    for number, answer in zip((200, 400, 450), answers, strict=True):
        assert f"{number} of 450 users" in answer.text
    assert ["hx-post" in answer.text for answer in answers] == [True, True, False]
    assert ["HX-Refresh" in answer for answer in answers] == [False, False, True]
    campaign.refresh_from_db()
    assert campaign.finished_at is not None


def test_a_form_that_is_sent_twice_starts_one_campaign(page):
    found = people(3)
    opened = page.post(USERS, all_of(found))
    form = filled(opened, **GIVEN)

    for _click in range(2):
        page.post(USERS, form)

    assert Campaign.objects.get().members == 3
    assert len(history(Campaign.objects.get())) == 1


def test_a_list_that_has_grown_is_counted_again_before_anything_starts(page):
    found = people(3)
    opened = page.post(USERS, all_of(found))
    people(11)

    answer = page.post(USERS, filled(opened, **GIVEN))

    assert "has changed since you opened the form" in answer.text
    assert answer.context["state"][0] == ("Users who are given access", "14")
    assert Campaign.objects.count() == 0
    page.post(USERS, filled(answer, **GIVEN))
    assert Campaign.objects.get().members == 14


def test_who_comes_while_the_form_is_filled_in_holds_nothing_up(page):
    found = people(3)
    opened = page.post(USERS, all_of(found))
    people(2)

    answer = page.post(USERS, filled(opened, **GIVEN), follow=True)

    assert "You were shown 3 users; 5 are in this campaign now." in answer.text
    assert Campaign.objects.get().members == 5


def test_who_is_added_to_a_stopped_campaign_is_not_promised_anything(page, staff):
    found = people(3)
    start(page, USERS, found[:1])
    campaigns.stop.blocking(Campaign.objects.get().pk, actor=staff, reason="too many")

    answer = page.get(start(page, USERS, found).url)

    assert "This campaign is stopped" in answer.text
    assert Campaign.objects.get().members == 3


def test_a_name_that_gives_something_else_is_refused_in_the_form(page):
    found = people(2)
    start(page, USERS, found)

    answer = start(page, USERS, found, days="5")

    assert answer.context["form"].errors == {"name": ["The campaign of this name gives something else."]}
    assert Campaign.objects.get().days == 2


@pytest.mark.parametrize("missing", ["name", "days", "reason"])
def test_what_is_missing_is_asked_for(page, missing):
    answer = start(page, USERS, people(2), **{missing: ""})

    assert list(answer.context["form"].errors) == [missing]
    assert Campaign.objects.count() == 0


def test_a_campaign_is_stopped_and_goes_on(page):
    start(page, USERS, people(3))
    campaign = Campaign.objects.get()
    stop = reverse("admin:subscriptions_campaign_stop", args=[campaign.pk])
    resume = reverse("admin:subscriptions_campaign_resume", args=[campaign.pk])
    here = reverse("admin:subscriptions_campaign_change", args=[campaign.pk])
    assert stop in page.get(here).text

    page.post(stop, filled(page.get(stop), reason="too much"))
    run(page, campaign)

    assert Grant.objects.count() == 0
    shown = page.get(here).text
    assert stop not in shown
    assert "hx-post" not in shown
    page.post(resume, filled(page.get(resume), reason="it was right"))
    run(page, campaign)
    assert Grant.objects.count() == 3


def test_who_may_not_start_one_is_not_offered_it():
    found = people(2)
    account = StaffFactory.create(is_superuser=False)
    codenames = ["view_user", "change_user", "view_campaign"]
    account.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(account)
    campaign = campaigns.start.blocking(
        "Outage", "pro", 1, [user.pk for user in found], actor=account, reason="outage"
    )

    assert "start_campaign" not in client.get(USERS).text
    client.post(USERS, {**all_of(found), **GIVEN, "name": "Mine"})
    assert run(client, campaign).status_code == 403

    shown = client.get(reverse("admin:subscriptions_campaign_change", args=[campaign.pk])).text
    assert "hx-post" not in shown
    assert Campaign.objects.count() == 1
    assert Grant.objects.count() == 0


def test_a_campaign_that_is_not_there_is_no_error(page):
    url = reverse("admin:subscriptions_campaign_run", args=["4f1b0c9e-3a53-4bd1-9d6f-0f7a0b7a1c11"])

    assert page.post(url).status_code == 404
    assert page.get(url).status_code == 405
