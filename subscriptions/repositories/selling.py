"""Orders, and the answer to a pre-checkout query."""

import asyncio
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext_lazy as _

from faceitbot.core import audit, clock, switches
from faceitbot.core.errors import NotFound, Unavailable
from faceitbot.core.ids import row_id
from faceitbot.core.observability import emit
from faceitbot.core.statements import Key, one_row
from faceitbot.core.text import clean_text
from faceitbot.core.transactions import long_query, query, transactional
from faceitbot.core.values import whole
from subscriptions.models import Order, Payment, PlanPrice
from subscriptions.models.orders import MAX_DESCRIPTION_LENGTH
from subscriptions.models.plans import MAX_STARS
from subscriptions.payments import checkout, ordering
from subscriptions.payments.checkout import CheckoutDecision, Offer
from subscriptions.payments.payloads import LegacyPayload, read_legacy

# Telegram waits ten seconds for the answer; the bot gets ours within three, a busy event loop included.
CHECKOUT_SECONDS = 2.8
CHECKOUT_BODY_SECONDS = 2.5
PUT_ON_SALE = audit.action("plan.put_on_sale", _("Plan put on sale"))
TAKEN_OFF_SALE = audit.action("plan.taken_off_sale", _("Plan taken off sale"))


def _at_present(payload: str, now: datetime | None = None) -> str | None:
    return payload if now is None else None


def _legacy_key(legacy: LegacyPayload) -> Key:
    return Key(legacy.telegram_id, (("tier", legacy.tier), ("duration", legacy.duration)))


class SellingMethods:
    """What is sold, at which price, to whom; `user_id` is our UUID."""

    @transactional()
    def create_order(
        self,
        user_id: UUID,
        tier: str,
        duration: str = "monthly",
        recurring: bool = False,
        now: datetime | None = None,
    ) -> Order:
        """Make an order at the plan's price; its payload, title and description go into the invoice.

        `recurring`: a subscription of Telegram, which renews itself every 30 days.
        Errors: `UserNotFound`; `Refused` with the reason closed (selling is off), off_sale, blocked or
        recurring.
        """
        plan = ordering.plan_of(tier, duration)
        order = ordering.sell(
            row_id(user_id, "user_id"), plan, recurring=recurring is True, now=clock.aware_or_none(now)
        )
        emit("order.created", tags={"tier": order.tier, "duration": order.duration})
        return order

    @transactional()
    def create_payment(
        self,
        user_id: UUID,
        amount: int,
        tier: str,
        *,
        duration: str = "monthly",
        description: str = "",
        now: datetime | None = None,
    ) -> Payment:
        """Make an order with the payment that it waits for; `payment.payload` goes into the invoice.

        The amount is kept as given, a discount for example; the order has the list price beside it.
        Units: whole Stars. Errors: as `create_order`.
        """
        plan = ordering.plan_of(tier, duration)
        stars = whole("amount", amount, 1, MAX_STARS)
        text = clean_text(description, "description", MAX_DESCRIPTION_LENGTH, min_length=0)
        order = ordering.sell(
            row_id(user_id, "user_id"), plan, stars=stars, description=text, now=clock.aware_or_none(now)
        )
        emit("order.created", tags={"tier": order.tier, "duration": order.duration})
        return ordering.expect_payment(order)

    async def authorise_checkout(
        self,
        payload: str,
        telegram_id: int,
        currency: str,
        total_amount: int,
        now: datetime | None = None,
    ) -> CheckoutDecision:
        """Say whether this may be paid: answers within 3 seconds, and raises nothing.

        A database that does not answer declines (unavailable): money that nobody can record is not taken.
        """
        try:
            async with asyncio.timeout(CHECKOUT_SECONDS):
                offer = await self._offered(payload, now)
        except (TimeoutError, Unavailable):
            return CheckoutDecision(False, "unavailable")
        return checkout.decide(offer, telegram_id, currency, total_amount)

    async def _offered(self, payload: str, now: datetime | None) -> Offer | None:
        if not checkout.is_payload(payload):
            return None
        legacy = read_legacy(payload)
        return await (self._offer(payload, now) if legacy is None else self._legacy_offer(legacy))

    @one_row(by="payload", key=_at_present, rows=checkout.OFFERS)
    @long_query(budget_seconds=CHECKOUT_BODY_SECONDS)
    def _offer(self, payload: str, now: datetime | None = None) -> Offer | None:
        return checkout.offers(clock.aware_or_none(now)).filter(payload=payload).first()

    @one_row(by="telegram_id", key=_legacy_key, rows=checkout.LEGACY_OFFERS)
    @long_query(budget_seconds=CHECKOUT_BODY_SECONDS)
    def _legacy_offer(self, legacy: LegacyPayload) -> Offer | None:
        rows = checkout.legacy_offers(legacy.tier, legacy.duration)
        return rows.filter(telegram_id=legacy.telegram_id).first()

    @transactional()
    def set_on_sale(self, plan_id: int, on_sale: bool, *, actor: AbstractBaseUser, reason: str) -> bool:
        """Put a plan on sale or take it off, with an audit entry; say whether that changed it.

        Orders that were made before can still be paid. Errors: `NotFound`.
        """
        why = audit.clean_reason(reason)
        key = whole("plan_id", plan_id, 1, 2**31 - 1)
        plan = PlanPrice.objects.select_for_update(no_key=True).filter(pk=key).first()
        if plan is None:
            raise NotFound("there is no such plan", id=key)
        if plan.on_sale == on_sale:
            return False
        change = audit.Change(plan, {"on_sale": plan.on_sale}, {"on_sale": on_sale})
        plan.on_sale, plan.updated_at = on_sale, clock.now()
        plan.save(update_fields=["on_sale", "updated_at"])
        audit.record(PUT_ON_SALE if on_sale else TAKEN_OFF_SALE, [change], actor=actor, reason=why)
        return True

    @query
    def is_selling(self) -> bool:
        """Say whether anything is sold at present."""
        return switches.is_on(ordering.SELLING)

    @transactional()
    def set_selling(self, enabled: bool, *, actor: AbstractBaseUser, reason: str) -> bool:
        """Switch selling on or off, with an audit entry; say whether that changed it.

        Orders that are open are declined at pre-checkout while it is off; money that comes is taken.
        """
        return switches.turn(ordering.SELLING, enabled, actor=actor, reason=reason)
