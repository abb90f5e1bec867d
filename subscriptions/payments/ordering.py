"""Makes orders: the price is the plan's, and stays what it is at this moment."""

from datetime import datetime, timedelta
from uuid import UUID

from faceitbot.core import switches
from faceitbot.core.errors import InvalidInput, Refused
from faceitbot.texts import say
from subscriptions.granting import database_now
from subscriptions.models import Order, Payment, PlanDuration, PlanPrice, SubscriptionTier
from subscriptions.models.orders import MAX_RECURRING_STARS, RECURRING_DAYS
from subscriptions.payments.payloads import new_payload
from users.errors import UserNotFound
from users.models import User

SELLING = "selling"
PAYABLE_FOR = timedelta(hours=1)


def plan_of(tier: object, duration: object) -> PlanPrice:
    """Give the plan of a tier and a duration. Errors: `InvalidInput`."""
    if tier not in SubscriptionTier.paid():
        raise InvalidInput(
            f"tier must be one of {', '.join(SubscriptionTier.paid())}, not {tier!r}", field="tier"
        )
    if duration not in PlanDuration.values:
        raise InvalidInput(
            f"duration must be one of {', '.join(PlanDuration.values)}, not {duration!r}", field="duration"
        )
    return PlanPrice.objects.get(tier=tier, duration=duration)


def sell(
    user_id: UUID,
    plan: PlanPrice,
    *,
    stars: int | None = None,
    description: str = "",
    recurring: bool = False,
    now: datetime | None = None,
) -> Order:
    """Make an order that a user may pay for an hour.

    Errors: `UserNotFound`; `Refused` with the reason closed (selling is off), off_sale, blocked, or recurring
    (Telegram does not sell this plan as a subscription).
    """
    if not switches.is_on(SELLING):
        raise Refused("selling is switched off", reason="closed")
    if not plan.on_sale:
        raise Refused(f"{plan} is not on sale", reason="off_sale")
    price = plan.stars if stars is None else stars
    if recurring and (plan.days != RECURRING_DAYS or price > MAX_RECURRING_STARS):
        raise Refused(
            f"a subscription of Telegram lasts {RECURRING_DAYS} days and costs at most"
            f" {MAX_RECURRING_STARS} Stars",
            reason="recurring",
        )
    # Locked, so that nothing is sold to somebody who is being erased.
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id, erased_at__isnull=True).first()
    if user is None:
        raise UserNotFound("there is no such user", id=str(user_id))
    if user.is_blocked:
        raise Refused("staff has blocked this user", reason="blocked")
    moment = now or database_now()
    return make_order(user, plan, price, moment, description=description, recurring=recurring)


def make_order(
    user: User,
    plan: PlanPrice,
    stars: int,
    now: datetime,
    *,
    description: str = "",
    recurring: bool = False,
) -> Order:
    """Write an order, whether or not the plan is sold at present: money may be there already."""
    return Order.objects.create(
        payload=new_payload(),
        user=user,
        tier=plan.tier,
        duration=plan.duration,
        days=plan.days,
        stars=stars,
        list_stars=plan.stars,
        recurring=recurring,
        title=say("invoice_title", user.language, tier=plan.tier, days=plan.days),
        description=description or say("invoice_description", user.language, tier=plan.tier, days=plan.days),
        created_at=now,
        expires_at=now + PAYABLE_FOR,
    )


def expect_payment(order: Order) -> Payment:
    """Write the payment that an order waits for."""
    return Payment.objects.create(
        order=order,
        user_id=order.user_id,
        amount=order.stars,
        tier=order.tier,
        days=order.days,
        created_at=order.created_at,
    )
