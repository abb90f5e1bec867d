"""A month of forty users: what the pages look like when a bot is at work. The same in every run."""

import random
from datetime import datetime, timedelta

from django.contrib.auth.models import User as StaffAccount

from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from users.models import User
from users.repositories import UserRepository

FIRST_ID = 5_000_200_001
USERS = 40
DAYS = 30
BUSY = 0.4
users, access, money = UserRepository(), SubscriptionRepository(), PaymentRepository()


def fill(now: datetime, boss: StaffAccount) -> User:
    """Let the month pass, and give the user whose page has most to tell."""
    dice = random.Random(3)
    made = [_user(number, dice, now) for number in range(USERS)]
    for number, user in enumerate(made):
        if number % 3 == 0:
            _sell(
                user, number, dice, now - timedelta(days=dice.randint(0, DAYS - 2), hours=dice.randint(1, 20))
            )
    star = made[4]
    _tell_much_about(star, made[5:8], boss, now)
    return star


def _user(number: int, dice: random.Random, now: datetime) -> User:
    linked = number % 5 != 0
    user = users.create_user.blocking(
        FIRST_ID + number,
        faceit_player_id=f"player-{FIRST_ID + number}" if linked else None,
        faceit_nickname=f"player{number}" if linked else None,
    )
    users.bulk_update_activity.blocking(
        [
            {
                "user_id": user.telegram_id,
                "timestamp": now - timedelta(days=age, hours=dice.randint(0, 12)),
                "requests": dice.randint(1, 20),
            }
            for age in range(DAYS)
            if dice.random() < BUSY
        ]
    )
    return user


def _sell(user: User, number: int, dice: random.Random, when: datetime) -> None:
    tier, duration = dice.choice(["premium", "pro"]), dice.choice(["monthly", "monthly", "yearly"])
    order = money.create_order.blocking(user.pk, tier, duration, now=when)
    money.record_successful_payment.blocking(
        user.telegram_id, order.payload, "XTR", order.stars, f"stx{number:02}AbCdEf0123456789", now=when
    )


def _tell_much_about(user: User, friends: list[User], boss: StaffAccount, now: datetime) -> None:
    """Stack what a user can have: bought, given, won by inviting friends, and something taken back."""
    _sell(user, 99, random.Random(7), now - timedelta(days=12))
    access.grant_access.blocking(
        user.pk, "pro", 20, actor=boss, reason="outage", request_id="1", now=now - timedelta(days=10)
    )
    mistaken = access.grant_access.blocking(
        user.pk, "premium", 7, actor=boss, reason="goodwill", request_id="2", now=now - timedelta(days=3)
    )
    access.revoke_grant.blocking(mistaken.pk, actor=boss, reason="mistake")
    code = access.generate_referral_code.blocking(user.pk)
    for friend in friends:
        access.apply_referral.blocking(friend.pk, code)
    for _request in range(3):
        access.consume_request.blocking(user.pk)
