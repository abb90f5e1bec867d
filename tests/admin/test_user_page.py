"""The page of a user: what he may do and why, and all that happened with him as one story."""

import html
import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils.timezone import localtime

from faceitbot.core import clock
from faceitbot.staff_room.user_page import story as told
from faceitbot.staff_room.user_page.story import KINDS
from subscriptions.models import UserSubscription
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from tests.factories import MatchAnalysisFactory, UserFactory
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
access, money, users = SubscriptionRepository(), PaymentRepository(), UserRepository()


@pytest.fixture
def now():
    return clock.now()


def open_page(page, user, **asked):
    return page.get(reverse("admin:users_user_change", args=[user.pk]), asked)


def facts(answer):
    head = answer.context["head"]
    return {label: re.sub("<[^>]*>", "", str(value)) for label, value in head.who + head.access + head.money}


def texts(answer):
    return [event.text for event in answer.context["story"].events]


def pages_of_the_story(page, user, **asked):
    """Give all events, from the newest to the first, by the links of the pages."""
    link = f"?{urlencode(asked)}"
    while link:
        answer = page.get(reverse("admin:users_user_change", args=[user.pk]) + link)
        yield from ((event.at, event.text, event.url) for event in answer.context["story"].events)
        found = re.search(r'href="(\S*)#story" rel="next"', answer.text)
        link = html.unescape(found[1]) if found else ""


def buy(user, charge_id, at, tier="premium"):
    order = money.create_order.blocking(user.pk, tier, now=at)
    return money.record_successful_payment.blocking(
        user.telegram_id, order.payload, "XTR", order.stars, charge_id, now=at
    ).payment


def test_the_head_says_the_tier_until_when_and_what_follows(page, staff, now):
    user = UserFactory.create()
    access.upgrade_subscription.blocking(user.pk, "premium", 30, now=now)
    access.grant_access.blocking(user.pk, "pro", 5, actor=staff, reason="sorry", request_id="1", now=now)

    until = open_page(page, user).context["head"].until

    assert re.fullmatch(r"Pro until \d+ \w+ \d{4}, \d\d:\d\d, then Premium until .*\d\d:\d\d", until)


def test_without_access_he_has_what_is_free(page):
    answer = open_page(page, UserFactory.create())

    assert answer.context["head"].until == "Free"
    assert answer.context["bar"] is None
    assert "He was never given anything" in answer.text


def test_use_of_today_money_and_invitations_are_counted(page, now):
    user = UserFactory.create(telegram_id=5, faceit_nickname="sniper")
    for number in range(2):
        access.consume_request.blocking(user.pk)
        friend = UserFactory.create()
        code = access.generate_referral_code.blocking(user.pk)
        assert access.apply_referral.blocking(friend.pk, code).success, number
    buy(user, "kept", now)
    buy(user, "returned", now, tier="pro")
    money.mark_refunded.blocking("returned")

    found = facts(open_page(page, user))

    assert found["Requests today"].startswith("2 of ")
    assert found["Counted anew"] == "00:00"
    assert (found["Paid"], found["Went back"], found["Payments"]) == ("199\u00a0⭐", "299\u00a0⭐", "2")
    assert found["Invited"] == "2"
    assert facts(open_page(page, friend))["Invited by"] == "5 · sniper"


def test_each_grant_is_explained(page, staff, now):
    user = UserFactory.create()
    access.upgrade_subscription.blocking(user.pk, "premium", 30, now=now - timedelta(days=40))
    access.upgrade_subscription.blocking(user.pk, "premium", 10, now=now - timedelta(hours=3))
    access.grant_access.blocking(user.pk, "pro", 1, actor=staff, reason="sorry", request_id="1", now=now)
    wrong = access.grant_access.blocking(user.pk, "pro", 9, actor=staff, reason="oops", request_id="2")
    access.revoke_grant.blocking(wrong.pk, actor=staff, reason="typo")

    lines = [
        (grant.text, grant.became.split(" on ")[0][:12])
        for grant in open_page(page, user).context["explained"]
    ]

    assert lines == [
        ("Pro, 1 day: staff, sorry", "It is in use"),
        ("Premium, 10 days: payment", "It waits, an"),
        ("Premium, 30 days: payment", "It was used "),
        ("Pro, 9 days: staff, oops", "It was taken"),
    ]


def test_the_bar_stacks_access_as_the_rule_does(page, staff, now):
    user = UserFactory.create()
    access.upgrade_subscription.blocking(user.pk, "premium", 30, now=now - timedelta(days=10))
    access.grant_access.blocking(user.pk, "pro", 10, actor=staff, reason="sorry", request_id="1", now=now)

    bar = open_page(page, user).context["bar"]

    tiers = [segment.tier for segment in bar.segments]
    lengths = [round(segment.width * (bar.end - bar.start).days / 100) for segment in bar.segments]
    assert tiers == ["premium", "pro", "premium"]
    assert lengths == [10, 10, 20]
    assert (bar.end - now).days in (29, 30)
    ends = [segment.left + segment.width for segment in bar.segments]
    assert ends == pytest.approx([bar.segments[1].left, bar.segments[2].left, 100], abs=0.1)


def test_a_lifetime_ends_the_bar_after_a_year(page, staff, now):
    user = UserFactory.create()
    access.grant_access.blocking(user.pk, "pro", None, actor=staff, reason="friend", request_id="1", now=now)

    answer = open_page(page, user)

    assert answer.context["head"].until == "Pro for ever"
    assert (answer.context["bar"].end - now).days in (364, 365)


def test_the_story_tells_all_domains_newest_first(page, staff, now):
    user = UserFactory.create(telegram_id=5, created_at=now - timedelta(days=9))
    buy(user, "paid", now - timedelta(days=3))
    money.record_successful_payment.blocking(77, "odd", "XTR", 5, "other", now=now - timedelta(days=3))
    money.open_payment_case.blocking(user.pk, "Where is it?", now=now - timedelta(days=2))
    access.grant_access.blocking(user.pk, "pro", 2, actor=staff, reason="late", request_id="1")
    users.block_users.blocking([5], actor=staff, reason="sells accounts")

    answer = open_page(page, user)

    story = texts(answer)
    assert story[0] == "boss: User blocked — sells accounts"
    assert {"boss: Access given — late", "Pro, 2 days: staff, late"} <= set(story[1:3])
    assert story[3] == "Complained: “Where is it?”"
    assert "was given Premium for 30 days" in story[4]
    assert story[5:] == ["Came to the bot."]
    assert [event.at for event in answer.context["story"].events] == sorted(
        (event.at for event in answer.context["story"].events), reverse=True
    )


def test_analyses_are_told_and_lead_to_their_pages(page, now):
    user = UserFactory.create()
    first = MatchAnalysisFactory.create(user=user, analysed_at=now - timedelta(hours=2))
    again = MatchAnalysisFactory.create(
        user=user, map_name="", competition_name="", revision=2, analysed_at=now - timedelta(hours=1)
    )
    MatchAnalysisFactory.create()

    answer = open_page(page, user, kind="analyses")

    assert [(event.text, event.url) for event in answer.context["story"].events] == [
        (
            f"Had a match analysed, 2 times by then: {again.match_id}.",
            reverse("admin:matches_matchanalysis_change", args=[again.pk]),
        ),
        (
            "Had a match analysed: de_mirage · CS2 5v5.",
            reverse("admin:matches_matchanalysis_change", args=[first.pk]),
        ),
    ]


def test_requests_that_staff_have_set_to_nothing_are_in_the_story(page, staff):
    user = UserFactory.create()
    access.consume_request.blocking(user.pk)
    access.reset_request_count.blocking(user.pk, actor=staff, reason="a bug of ours")

    answer = open_page(page, user, kind="staff")

    assert texts(answer) == ["boss: Requests of today set to 0 — a bug of ours"]


def test_access_that_was_given_and_taken_is_told_once_each(page, staff):
    user = UserFactory.create()
    grant = access.grant_access.blocking(user.pk, "pro", 2, actor=staff, reason="late", request_id="1")
    access.revoke_grant.blocking(grant.pk, actor=staff, reason="typo")

    answer = open_page(page, user, kind="staff")

    assert texts(answer) == ["boss: Grant revoked — typo", "boss: Access given — late"]


def test_what_staff_did_is_told_with_before_and_after(page, staff, now):
    user = UserFactory.create(telegram_id=5, language="ru")
    access.consume_request.blocking(user.pk)
    access.reset_request_count.blocking(user.pk, actor=staff, reason="a bug of ours")
    access.grant_access.blocking(user.pk, "pro", 2, actor=staff, reason="late", request_id="1")
    ends_at = localtime(UserSubscription.objects.get(user=user).expires_at, clock.bot_zone())
    users.block_users.blocking([5], actor=staff, reason="sells accounts")

    answer = open_page(page, user, kind="staff")

    blocked, given, reset = [
        [tuple(change) for change in event.changes] for event in answer.context["story"].events
    ]
    assert [label for label, *_values in blocked] == ["Blocked at"]
    assert given == [
        ("Tier", "Free", "Pro"),
        ("Until", "—", f"{ends_at:%d.%m.%Y, %H:%M}"),
        ("Days", "—", "2"),
    ]
    assert reset == [("Requests today", "1", "0")]
    assert "Requests today: <span>1</span> → " in answer.text


def test_the_story_may_be_of_one_kind(page, staff, now):
    user = UserFactory.create(telegram_id=5)
    buy(user, "paid", now)
    users.block_users.blocking([5], actor=staff, reason="sells accounts")

    answer = open_page(page, user, kind="staff")

    assert texts(answer) == ["boss: User blocked — sells accounts"]


def test_money_that_somebody_else_paid_for_his_order_is_in_his_story(page, now):
    user, friend = UserFactory.create(), UserFactory.create()
    order = money.create_order.blocking(user.pk, "pro", now=now)
    money.record_successful_payment.blocking(friend.telegram_id, order.payload, "XTR", order.stars, "stx")

    story = texts(open_page(page, user))

    assert any("for the order of" in text for text in story)
    assert not any("has not paid" in text for text in story)


def test_what_happened_long_ago_is_reached_page_by_page(page, staff, now, monkeypatch):
    monkeypatch.setattr(told, "MOST", 9)
    user = UserFactory.create(created_at=now - timedelta(days=900))
    buy(user, "first", now - timedelta(days=899))
    for number in range(4):
        at = now - timedelta(days=800 - number)
        buy(user, f"charge{number}", at)
        money.create_order.blocking(user.pk, "pro", now=at)  # not paid
        access.grant_access.blocking(
            user.pk, "pro", 1, actor=staff, reason="late", request_id=f"{number}", now=at
        )
        users.add_note.blocking(user.pk, f"note {number}", actor=staff)
    money.mark_refunded.blocking("first")
    everything = dict.fromkeys(pages_of_the_story(page, user))

    kinds = [list(pages_of_the_story(page, user, kind=kind.name)) for kind in KINDS]

    assert len(everything) == sum(map(len, kinds)) == 5 * 4 + 4
    assert set(everything) == {text for texts_of_a_kind in kinds for text in texts_of_a_kind}
    assert list(everything)[-2][1].startswith("199\u00a0⭐ of")
    assert list(everything)[-1][1] == "Came to the bot."


def test_events_of_one_moment_are_not_torn_apart(page, monkeypatch, now):
    monkeypatch.setattr(told, "MOST", 3)
    user = UserFactory.create(created_at=now - timedelta(days=9))
    for charge_id, days in (("newest", 1), ("one", 2), ("two", 3), ("three", 3), ("oldest", 4)):
        buy(user, charge_id, now - timedelta(days=days))

    found = list(pages_of_the_story(page, user))

    assert [at for at, _text, _url in found] == [now - timedelta(days=days) for days in (1, 2, 3, 3, 4, 9)]


@pytest.mark.parametrize("moment", ["", "x", "2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "\x00"])
def test_an_address_that_names_no_moment_shows_the_newest(page, moment):
    user = UserFactory.create()

    assert texts(open_page(page, user, before=moment)) == ["Came to the bot."]


def test_an_erased_user_has_a_page_without_actions(page, staff):
    user = UserFactory.create()
    users.forget_identity.blocking(user.pk)

    answer = open_page(page, user)

    assert answer.status_code == 200
    assert answer.context["steps"] == []
    assert "Was erased." in texts(answer)
