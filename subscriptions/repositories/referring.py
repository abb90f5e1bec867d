"""Referral codes and bonuses."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext_lazy as _

from faceitbot.core import audit, clock
from faceitbot.core.errors import NotFound
from faceitbot.core.ids import row_id
from faceitbot.core.observability import emit
from faceitbot.core.transactions import transactional
from subscriptions import referrals
from subscriptions.errors import AlreadyRevoked
from subscriptions.granting import database_now, locked_subscription
from subscriptions.models import Referral
from subscriptions.referrals import ReferralResult, clean_code
from subscriptions.revoking import revoke
from users.errors import UserNotFound
from users.models import User

VOIDED = audit.action("referral.voided", _("Referral voided"))


class ReferralMethods:
    """Who brought whom; `user_id` is our UUID."""

    @transactional()
    def generate_referral_code(self, user_id: UUID) -> str:
        """Give the code of a user, the same one each time. Errors: `UserNotFound`."""
        key = row_id(user_id, "user_id")
        subscription = locked_subscription(key)
        # Asked after the lock, for which somebody may have waited who has been erased meanwhile.
        if subscription is None or not User.objects.living().filter(pk=key).exists():
            raise UserNotFound("there is no such user", id=str(key))
        return referrals.code_of(subscription)

    @transactional()
    def apply_referral(self, user_id: UUID, code: str, now: datetime | None = None) -> ReferralResult:
        """Let a user come by somebody's code: both get their days, once.

        The code is trimmed, and its case does not matter. A refusal changes nothing.
        Errors: `InvalidInput` for a code that can be none.
        """
        moment = clock.aware_or_none(now)
        result = referrals.apply(row_id(user_id, "user_id"), clean_code(code), moment)
        if result.success:
            emit("referral.applied")
        return result

    @transactional()
    def void_referral(
        self, referral_id: UUID, *, actor: AbstractBaseUser, reason: str, now: datetime | None = None
    ) -> Referral:
        """Take both bonuses back, with audit entries; the referral stays on record and counts no more.

        Errors: `NotFound`; `AlreadyRevoked`.
        """
        why, key = audit.clean_reason(reason), row_id(referral_id, "referral_id")
        referral = Referral.objects.filter(pk=key).first()
        if referral is None:
            raise NotFound("there is no such referral", id=str(key))
        sides = sorted((referral.referrer_id, referral.referee_id), key=str)
        locked = {side: subscription for side in sides if (subscription := locked_subscription(side))}
        referral.refresh_from_db()
        if referral.voided_at is not None:
            raise AlreadyRevoked("the referral has been voided before", id=str(key))
        moment = clock.aware_or_none(now) or database_now()
        referral.voided_at, referral.voided_by_id, referral.void_reason = moment, actor.pk, why
        referral.save(update_fields=["voided_at", "voided_by", "void_reason"])
        for grant in referral.grants.filter(revoked_at__isnull=True).order_by("id"):
            revoke(locked[grant.user_id], grant, actor, why, moment)
        referrer = locked[referral.referrer_id]
        referrer.referrals_count -= 1
        referrer.save(update_fields=["referrals_count"])
        change = audit.Change(referral, {}, {"voided_at": moment.isoformat()})
        audit.record(VOIDED, [change], actor=actor, reason=why, now=moment)
        return referral
