"""Codes, and what happens when somebody comes by one. Everything here runs inside a transaction."""

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from faceitbot.core.text import clean_text
from subscriptions.granting import add_grant, database_now, locked_subscription
from subscriptions.models import (
    GrantSource,
    Notice,
    NoticeKind,
    Referral,
    ReferralProgramme,
    UserSubscription,
)
from subscriptions.models.access import MAX_CODE_LENGTH
from users.models import User

# Without 0 and O, 1 and I and L: people read codes to each other.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 8


class ReferralResult(tuple[bool, str | None]):
    """What `apply_referral` says: unpacks as (success, error), and knows who got what.

    `error` is unknown_user, already_referred, unknown_code, own_code, ring, or None.
    """

    referrer_telegram_id: int | None
    referrer_days: int
    referee_days: int

    def __new__(
        cls,
        error: str | None,
        referrer_telegram_id: int | None = None,
        referrer_days: int = 0,
        referee_days: int = 0,
    ) -> "ReferralResult":
        result = super().__new__(cls, (error is None, error))
        result.referrer_telegram_id = referrer_telegram_id
        result.referrer_days = referrer_days
        result.referee_days = referee_days
        return result

    def __getnewargs__(self) -> tuple[str | None, int | None, int, int]:
        return self.error, self.referrer_telegram_id, self.referrer_days, self.referee_days

    @property
    def success(self) -> bool:
        """Whether the referral counts."""
        return self[0]

    @property
    def error(self) -> str | None:
        """Why it does not."""
        return self[1]


def new_code() -> str:
    """Give a random code. There are 31^8 of them: one that is taken is rare, and a constraint refuses it."""
    return "".join(secrets.choice(ALPHABET) for _letter in range(CODE_LENGTH))


def clean_code(code: object) -> str:
    """Give a code trimmed. Errors: `InvalidInput`."""
    return clean_text(code.strip() if isinstance(code, str) else code, "code", MAX_CODE_LENGTH)


def code_of(subscription: UserSubscription) -> str:
    """Give the code of a locked subscription, making one if there is none."""
    code = str(subscription.referral_code or "")
    while not code:
        drawn = new_code()
        if not UserSubscription.objects.filter(referral_code=drawn).exists():
            code = subscription.referral_code = drawn
            subscription.save(update_fields=["referral_code"])
    return code


def apply(user_id: UUID, code: str, now: datetime | None = None) -> ReferralResult:
    """Let a user come by a code, and give both their days.

    Locks the two subscriptions in the order of their users' ids: two users who enter each other's codes at
    the same time do not wait for each other.
    """
    owner, code = _owner_of(code)
    keys = {user_id} if owner is None else {user_id, owner}
    locked = {key: locked_subscription(key) for key in sorted(keys, key=str)}
    referee = locked[user_id]
    # Asked after the lock, for which somebody may have waited who has been erased meanwhile.
    if referee is None or not User.objects.living().filter(pk=user_id).exists():
        return ReferralResult("unknown_user")
    if Referral.objects.filter(referee_id=user_id).exists():
        return ReferralResult("already_referred")
    referrer = locked.get(owner) if owner else None
    if referrer is None or referrer.referral_code != code:
        return ReferralResult("unknown_code")
    if owner == user_id:
        return ReferralResult("own_code")
    if Referral.objects.filter(referee_id=owner, referrer_id=user_id).exists():
        return ReferralResult("ring")
    return _record(referee, referrer, code, now or database_now())


def _owner_of(entered: str) -> tuple[UUID | None, str]:
    """Find whose code was entered, and how it is written: ours are in upper case, old ones in any."""
    rows = UserSubscription.objects.filter(referral_code__in={entered, entered.upper()})
    owners = {row.referral_code: row.user_id for row in rows}
    code = entered if entered in owners else entered.upper()
    return owners.get(code), code


def _record(
    referee: UserSubscription, referrer: UserSubscription, code: str, now: datetime
) -> ReferralResult:
    programme = ReferralProgramme.objects.get()
    bonuses = Referral.objects.filter(
        referrer_id=referrer.user_id,
        referrer_days__gt=0,
        voided_at__isnull=True,
        created_at__gt=now - timedelta(days=programme.window_days),
    ).count()
    referrer_days = programme.referrer_days if bonuses < programme.most_bonuses else 0
    referral = Referral.objects.create(
        referrer_id=referrer.user_id,
        referee_id=referee.user_id,
        code=code,
        referrer_days=referrer_days,
        referee_days=programme.referee_days,
        created_at=now,
    )
    referee.referred_by_id = referrer.user_id
    referee.save(update_fields=["referred_by"])
    referrer.referrals_count += 1
    referrer.save(update_fields=["referrals_count"])
    sides = (
        (referrer, programme.referrer_tier, referrer_days),
        (referee, programme.referee_tier, programme.referee_days),
    )
    for subscription, tier, days in sides:
        if days:
            duration = timedelta(days=days)
            add_grant(subscription, duration, now, tier=tier, source=GrantSource.REFERRAL, referral=referral)
    if referrer_days:
        _tell(referrer, referral, programme.referrer_tier, referrer_days)
    telegram_id = User.objects.values_list("telegram_id", flat=True).get(pk=referrer.user_id)
    return ReferralResult(None, telegram_id, referrer_days, programme.referee_days)


def _tell(referrer: UserSubscription, referral: Referral, tier: str, days: int) -> None:
    data: dict[str, Any] = {"tier": tier, "days": days}
    Notice.objects.create(
        user_id=referrer.user_id,
        created_at=referral.created_at,
        kind=NoticeKind.REFERRAL_BONUS,
        subject=str(referral.pk),
        data=data,
    )
