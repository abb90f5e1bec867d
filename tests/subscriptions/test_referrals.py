"""A user comes by a code once, both get their days, and nobody gains by playing with it."""

import asyncio
import copy
import pickle
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from faceitbot.core import atomically
from faceitbot.core.errors import InvalidInput
from subscriptions.models import Grant, Notice, Referral, ReferralProgramme, UserSubscription
from subscriptions.referrals import ALPHABET, CODE_LENGTH
from subscriptions.repositories import SubscriptionRepository
from tests.factories import StaffFactory, UserFactory
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

repository = SubscriptionRepository()
users = UserRepository()


@pytest.fixture
async def people(closed_links):
    """The owner of a code, his code, and somebody who comes by it."""
    owner, guest = await users.create_user(1), await users.create_user(2)
    return owner, await repository.generate_referral_code(owner.pk), guest


async def days_of(user):
    grants = await repository.get_grants(user.pk)
    return sum((grant.duration for grant in grants if not grant.revoked_at), timedelta()).days


async def test_a_code_is_random_readable_and_stays_the_same(people):
    owner, code, guest = people

    assert len(code) == CODE_LENGTH
    assert set(code) <= set(ALPHABET)
    again = await asyncio.gather(*(repository.generate_referral_code(owner.pk) for _call in range(20)))
    assert set(again) == {code}
    assert await repository.generate_referral_code(guest.pk) != code


async def test_both_get_their_days_and_the_referrer_is_told(people):
    owner, code, guest = people

    result = await repository.apply_referral(guest.pk, f"  {code.lower()} ")

    success, error = result
    assert (success, error) == (True, None)
    assert (result.referrer_telegram_id, result.referrer_days, result.referee_days) == (1, 30, 7)
    assert result == (True, None)
    assert (await days_of(owner), await days_of(guest)) == (30, 7)
    row, theirs = await repository.get_by_user_id(owner.pk), await repository.get_by_user_id(guest.pk)
    assert (row.tier, row.referrals_count) == ("premium", 1)
    assert (theirs.tier, theirs.referred_by_id) == ("premium", owner.pk)
    notice = await atomically(Notice.objects.get)
    assert (notice.kind, notice.user_id, notice.data) == (
        "referral_bonus",
        owner.pk,
        {"tier": "premium", "days": 30},
    )


async def test_two_hundred_calls_for_one_user_give_one_referral(people):
    owner, code, guest = people

    found = await asyncio.gather(*(repository.apply_referral(guest.pk, code) for _call in range(200)))

    assert sum(success for success, _error in found) == 1
    assert {error for _success, error in found} == {None, "already_referred"}
    assert (await days_of(owner), await days_of(guest)) == (30, 7)
    assert (await repository.get_by_user_id(owner.pk)).referrals_count == 1


async def test_codes_entered_crosswise_at_once_give_one_referral(people):
    owner, code, guest = people
    other = await repository.generate_referral_code(guest.pk)

    found = await asyncio.gather(
        repository.apply_referral(guest.pk, code), repository.apply_referral(owner.pk, other)
    )

    assert sorted(str(error) for _success, error in found) == ["None", "ring"]


async def test_what_is_refused_changes_nothing(people):
    owner, code, guest = people
    third = await users.create_user(3)
    await repository.apply_referral(guest.pk, code)
    guests_code = await repository.generate_referral_code(guest.pk)
    before = await atomically(Grant.objects.count)

    for user_id, entered, error in (
        (UserFactory.build().pk, code, "unknown_user"),
        (guest.pk, "NOSUCH", "already_referred"),
        (third.pk, "NOSUCH", "unknown_code"),
        (third.pk, await repository.generate_referral_code(third.pk), "own_code"),
        (owner.pk, guests_code, "ring"),
    ):
        assert await repository.apply_referral(user_id, entered) == (False, error)

    assert await atomically(Grant.objects.count) == before
    assert await atomically(Referral.objects.count) == 1


@pytest.mark.parametrize("code", ["", "   ", None, 7, "A" * 33, "A\x00B"])
async def test_what_can_be_no_code_is_named(people, code):
    with pytest.raises(InvalidInput, match="code"):
        await repository.apply_referral(people[2].pk, code)


async def test_the_twenty_first_bonus_is_withheld_and_recorded(people):
    owner, code, _guest = people
    guests = await users.create_batch({"telegram_id": number} for number in range(100, 121))

    results = [await repository.apply_referral(guest.pk, code) for guest in guests]

    assert [result.referrer_days for result in results] == [30] * 20 + [0]
    assert results[-1].referee_days == 7
    assert results[-1] == (True, None)
    assert await days_of(owner) == 600
    assert (await repository.get_by_user_id(owner.pk)).referrals_count == 21


async def test_bonuses_count_for_thirty_days_and_voided_ones_not_at_all(people):
    _owner, code, _guest = people
    staff = await atomically(StaffFactory.create)
    await atomically(ReferralProgramme.objects.filter(pk=1).update, most_bonuses=1)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    guests = await users.create_batch({"telegram_id": number} for number in range(100, 104))

    days = []
    for moment, other in zip((0, 29, 30, 31), guests, strict=True):
        if moment == 31:
            last = await atomically(Referral.objects.get, referee=guests[2])
            await repository.void_referral(last.pk, actor=staff, reason="a fake", now=now)
        result = await repository.apply_referral(other.pk, code, now=now + timedelta(days=moment))
        days.append(result.referrer_days)

    assert days == [30, 0, 30, 30]


async def test_control_without_lock_and_constraint_many_referrals_are_made(people, monkeypatch):
    _owner, code, guest = people
    monkeypatch.setattr(
        "subscriptions.referrals.locked_subscription",
        lambda user_id: UserSubscription.objects.filter(user_id=user_id).first(),
    )
    name = "referrals_referee_id_key"

    def drop():
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE referrals DROP CONSTRAINT {name}")

    def restore():
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE referrals CASCADE")
            cursor.execute(f"ALTER TABLE referrals ADD CONSTRAINT {name} UNIQUE (referee_id)")

    await atomically(drop)
    try:
        found = await asyncio.gather(*(repository.apply_referral(guest.pk, code) for _call in range(50)))
        assert sum(success for success, _error in found) > 1
    finally:
        await atomically(restore)


async def test_a_result_survives_a_copy(people):
    _owner, code, guest = people

    result = await repository.apply_referral(guest.pk, code)

    for same in (copy.copy(result), pickle.loads(pickle.dumps(result))):
        assert (same, same.referrer_days, same.referee_days) == ((True, None), 30, 7)


async def test_an_old_code_in_small_letters_is_found_as_it_is_written(people):
    owner, _code, guest = people
    await atomically(UserSubscription.objects.filter(user=owner).update, referral_code="ref_abc")

    assert await repository.apply_referral(guest.pk, "ref_abc") == (True, None)


async def test_the_programme_is_data(people):
    owner, code, guest = people
    await atomically(
        ReferralProgramme.objects.filter(pk=1).update, referrer_days=3, referee_days=0, referrer_tier="pro"
    )

    result = await repository.apply_referral(guest.pk, code)

    assert (result.referrer_days, result.referee_days) == (3, 0)
    assert ((await repository.get_by_user_id(owner.pk)).tier, await days_of(guest)) == ("pro", 0)


async def test_a_voided_referral_takes_both_bonuses_back(people):
    owner, code, guest = people
    staff = await atomically(StaffFactory.create)
    await repository.apply_referral(guest.pk, code)
    referral = await atomically(Referral.objects.get)

    await repository.void_referral(referral.pk, actor=staff, reason="one person, two accounts")

    assert (await days_of(owner), await days_of(guest)) == (0, 0)
    row = await repository.get_by_user_id(owner.pk)
    assert (row.tier, row.referrals_count) == ("free", 0)
    assert await repository.apply_referral(guest.pk, code) == (False, "already_referred")


async def test_an_old_code_of_another_shape_stays_valid(people):
    owner, _code, guest = people
    await atomically(UserSubscription.objects.filter(user=owner).update, referral_code="REF_1 Ж")

    assert await repository.apply_referral(guest.pk, "ref_1 ж") == (True, None)
