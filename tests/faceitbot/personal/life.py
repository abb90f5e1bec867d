"""The life of one person in the bot: he leaves his name wherever he can, and staff do so too."""

import json
from datetime import timedelta

from django.test import Client
from django.urls import reverse

from analytics.models import ActiveMonth
from faceitbot.core import clock
from matches.repositories import MatchRepository
from stats.repositories import StatsRepository
from subscriptions.models import Notice, StarTransaction
from subscriptions.repositories import CampaignRepository, PaymentRepository, SubscriptionRepository
from tests.faceitbot.legacy.importing import run_import
from tests.factories import MetricFactory, PlayerMatchFactory, StaffFactory
from tests.matches.made import match_body
from users.models import User
from users.repositories import UserRepository

users, access, payments = UserRepository(), SubscriptionRepository(), PaymentRepository()
campaigns, matches = CampaignRepository(), MatchRepository()
TELEGRAM_ID, OTHER_ID = 5_123_456_789, 5_987_654_321
NICKNAME, PLAYER, MATCH, LANGUAGE = "CanaryNick", "canary-player-0001", "canary-match-0001", "canary-lg"
FORMER = "CanaryFormer"
START = clock.now() - timedelta(days=60)


def day(number):
    return START + timedelta(days=number)


def live(folder) -> list[str]:
    """Let the person be imported, use the bot, buy, complain, be refunded; give the words that name him."""
    staff = StaffFactory.create(username="boss")
    import_him(folder)
    user = users.link_faceit_account.blocking(TELEGRAM_ID, "player-before", FORMER)
    other = users.create_user.blocking(OTHER_ID, "other-player", "OtherNick")
    users.link_faceit_account.blocking(TELEGRAM_ID, PLAYER, NICKNAME)
    users.update_last_checked_match.blocking(TELEGRAM_ID, MATCH)
    users.set_preferences.blocking(TELEGRAM_ID, LANGUAGE)
    users.touch.blocking(TELEGRAM_ID)
    play(user)
    buy(user)
    pay_oddly(user, other, staff)
    code = bring_each_other(user, other)
    complain(user, staff)
    mirror(user)
    notify(user)
    be_dealt_with(user, staff)
    be_measured(user)
    return [str(TELEGRAM_ID), NICKNAME, PLAYER, MATCH, LANGUAGE, FORMER, code]


def play(user):
    """A match of his that he has had analysed: the analysis and FACEIT's body name him."""
    analysis = {"team1_analysis": {"players": [{"nickname": NICKNAME, "player_id": PLAYER}]}}
    matches.create_analysis.blocking(user.pk, MATCH, analysis)
    body = match_body(MATCH)
    body["teams"]["faction1"]["roster"][0] |= {"nickname": NICKNAME, "player_id": PLAYER}
    matches.record_match.blocking(body)
    ActiveMonth.objects.create(zone="Europe/Moscow", month=START.date().replace(day=1), user=user, days=1)
    MetricFactory.create(name="request.failed", tags={"user": str(user.pk), "kind": "faceit"})


def import_him(folder):
    """His record twice, one whose id is unreadable, and one that is no record."""
    path = folder / "data.json"
    once = {"user_id": TELEGRAM_ID, "faceit_nickname": FORMER, "subscription": FORMER}
    path.write_text(json.dumps({"users": [once, once, {"user_id": f"{TELEGRAM_ID}?"}, [FORMER]]}))
    outcome = run_import(path)
    assert outcome.code == 1, outcome


def bring_each_other(user, other):
    third = users.create_user.blocking(OTHER_ID + 1)
    code = access.generate_referral_code.blocking(user.pk)
    assert access.apply_referral.blocking(other.pk, code).success
    assert access.apply_referral.blocking(user.pk, access.generate_referral_code.blocking(third.pk)).success
    return code


def receive(charge, **notice):
    """Record a notice of his money."""
    usual = {
        "telegram_id": TELEGRAM_ID,
        "currency": "XTR",
        "telegram_payment_charge_id": charge,
        "provider_payment_charge_id": f"{TELEGRAM_ID}_{charge}",
        "now": day(1),
    }
    return payments.record_successful_payment.blocking(**{**usual, **notice})


def pay(order, charge, **other):
    """Pay for an order."""
    return receive(charge, **{"payload": order.payload, "total_amount": order.stars, **other})


def buy(user):
    """A discount whose description names him, a payment that fails, an invoice of the old bot."""
    expected = payments.create_payment.blocking(
        user.pk, 99, "premium", description=f"For {NICKNAME}", now=day(0)
    )
    assert pay(expected.order, "charge-1").kind == "granted"
    given_up = payments.create_payment.blocking(user.pk, 99, "premium", now=day(0))
    payments.fail_payment.blocking(given_up.pk, f"{NICKNAME} has gone")
    payments.create_payment.blocking(user.pk, 99, "pro", now=day(0))  # never paid
    payload = f"premium_monthly_{TELEGRAM_ID}"
    assert receive("charge-2", payload=payload, total_amount=199).kind == "granted"


def pay_oddly(user, other, staff):
    """He pays for another's order; another pays in his name; a notice that fits no column."""
    order = payments.create_order.blocking(other.pk, "premium", now=day(0))
    for_other = pay(order, "charge-3")
    assert for_other.kind == "in_review"
    payments.resolve_review.blocking(
        for_other.payment.pk, actor=staff, reason=f"{NICKNAME} paid it", grant_to=other.pk, now=day(2)
    )
    payload = f"pro_monthly_{TELEGRAM_ID}"
    in_his_name = receive("charge-4", payload=payload, total_amount=299, telegram_id=OTHER_ID)
    odd = pay(order, "charge-5", currency=f"Stars of {TELEGRAM_ID}")
    for outcome in (in_his_name, odd):
        assert outcome.kind == "in_review"
        key = outcome.payment.pk
        payments.request_refund.blocking(key, actor=staff, reason=f"asked by {NICKNAME}", now=day(2))
        payments.mark_refund_failed.blocking(key, f"user {TELEGRAM_ID} is away", now=day(2))
        payments.mark_refunded.blocking(outcome.payment.telegram_payment_charge_id, now=day(3))


def complain(user, staff):
    case = payments.open_payment_case.blocking(user.pk, f"I am {NICKNAME}!", f"of {NICKNAME}")
    payments.close_payment_case.blocking(case.pk, actor=staff, reason=f"{NICKNAME} was wrong")
    payments.open_payment_case.blocking(user.pk, f"{NICKNAME} again")


def mirror(user):
    """What the list of Telegram says of him."""
    payment = payments.get_by_charge_id.blocking("charge-2")
    rows = [
        ("charge-2", "in", payment, f"premium_monthly_{TELEGRAM_ID}"),
        ("gift", "in", None, f"from {NICKNAME}"),
    ]
    for number, direction, paid, payload in rows:
        StarTransaction.objects.create(
            transaction_id=number,
            direction=direction,
            amount=199,
            at=day(1),
            partner_telegram_id=TELEGRAM_ID,
            payload=payload,
            payment=paid,
            settled_at=day(1),
        )


def notify(user):
    """A notice that names him; ours hold numbers alone."""
    Notice.objects.create(user=user, kind="expired", subject=NICKNAME, data={"name": NICKNAME})


def be_dealt_with(user, staff):
    """Staff edit, block and unblock him on the pages, give him access and take it."""
    page = Client()
    page.force_login(staff)
    address = reverse("admin:users_user_change", args=[user.pk])
    user = User.objects.get(pk=user.pk)
    names = ("faceit_nickname", "faceit_player_id", "last_checked_match_id", "language")
    answer = page.post(address, {name: getattr(user, name) for name in names})
    assert answer.status_code == 302, answer.context["errors"]
    for deed in ("block", "unblock"):
        there = f"{reverse('admin:users_user_changelist')}{user.pk}/{deed}/"
        assert page.post(there, {"reason": f"{deed} {NICKNAME}"}).status_code == 302
    grant = access.grant_access.blocking(
        user.pk, "pro", 10, actor=staff, reason=f"for {NICKNAME}", request_id=f"click-{TELEGRAM_ID}"
    )
    users.add_note.blocking(user.pk, f"{NICKNAME} is\na difficult person", actor=staff)
    access.revoke_grant.blocking(grant.pk, actor=staff, reason=f"{NICKNAME} again")
    access.grant_access.blocking(user.pk, "pro", 10, actor=staff, reason=NICKNAME, request_id="click-2")
    campaign = campaigns.start.blocking("Outage", "pro", 2, [user.pk], actor=staff, reason="outage")
    campaigns.run_batch.blocking(campaign.pk)


def be_measured(user):
    """What FACEIT tells everybody of his account."""
    figures = {"faceit_elo": 1900, "map_performance": {"de_nuke": {"matches": 9}}}
    card = StatsRepository().cache_player_stats.blocking(PLAYER, NICKNAME, figures)
    assert card.user_id == user.pk
    PlayerMatchFactory.create(player_id=PLAYER, nickname=NICKNAME)
