"""Nine buyers who write to support, each with a different reason: what the staff room must be able to tell.

`tell(now)` makes them through the repositories, as the bot would; the tests and the pictures use them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from subscriptions.models import Order
from subscriptions.repositories import PaymentRepository
from users.models import User
from users.repositories import UserRepository

FIRST_ID = 5_000_100_001
users, payments = UserRepository(), PaymentRepository()


@dataclass(frozen=True)
class Story:
    """Who writes, and what he pastes into the chat."""

    name: str
    user: User
    pasted: str


class Telegram:
    """Telegram's side: it charges, tells the bot unless the news gets lost, and lists what it charged."""

    def __init__(self) -> None:
        self.listed: list[dict[str, Any]] = []

    def charges(self, user: User, payload: str, stars: int, at: datetime, charge_id: str) -> None:
        """Charge somebody."""
        partner = {
            "type": "user",
            "transaction_type": "invoice_payment",
            "user": {"id": user.telegram_id, "is_bot": False, "first_name": "-"},
            "invoice_payload": payload,
        }
        self.listed.append({"id": charge_id, "amount": stars, "date": int(at.timestamp()), "source": partner})

    async def get_star_transactions(self, offset: int, limit: int) -> dict[str, Any]:
        """Answer as the Bot API does."""
        return {"transactions": self.listed[offset : offset + limit]}


def tell(now: datetime, telegram: Telegram) -> list[Story]:
    """Let the nine things happen; the list of Stars is read when all but the last two have."""
    stories: list[Story] = []

    def buyer(name: str) -> User:
        return users.create_user.blocking(
            FIRST_ID + len(stories),
            faceit_player_id=f"player-{FIRST_ID + len(stories)}",
            faceit_nickname=name,
        )

    def orders(user: User, ago: timedelta) -> Order:
        return payments.create_order.blocking(user.pk, "premium", now=now - ago)

    def pays(
        user: User, payload: str, stars: int, ago: timedelta, charge_id: str, payer: User | None = None
    ) -> Any:
        telegram.charges(payer or user, payload, stars, now - ago, charge_id)
        paid_by = (payer or user).telegram_id
        return payments.record_successful_payment.blocking(
            paid_by, payload, "XTR", stars, charge_id, now=now - ago
        )

    def story(name: str, user: User, pasted: object) -> None:
        stories.append(Story(name, user, str(pasted)))

    user = buyer("granted")
    order = orders(user, timedelta(days=3))
    pays(user, order.payload, order.stars, timedelta(days=3), "stxGranted0001")
    story("paid_and_granted", user, user.telegram_id)

    user = buyer("twice")
    order = orders(user, timedelta(days=2))
    pays(user, order.payload, order.stars, timedelta(days=2), "stxTwice0001")
    pays(user, order.payload, order.stars, timedelta(days=2) - timedelta(minutes=1), "stxTwice0002")
    story("paid_twice", user, "@twice")

    user = buyer("cheaper")
    order = orders(user, timedelta(hours=30))
    pays(user, order.payload, order.stars - 50, timedelta(hours=30), "stxCheaper0001")
    story("wrong_amount", user, "stxCheaper0001")

    user = buyer("forwarded")
    friend = users.create_user.blocking(FIRST_ID + 500, faceit_nickname="friend", faceit_player_id="friend")
    order = orders(user, timedelta(hours=20))
    pays(friend, order.payload, order.stars, timedelta(hours=20), "stxForwarded0001")
    story("forwarded_invoice", user, user.faceit_player_id)

    user = buyer("oldtimer")
    payload = f"premium_monthly_{user.telegram_id}"
    pays(user, payload, 199, timedelta(hours=12), "stxLegacy0001")
    story("legacy_payload", user, payload)

    user = buyer("strange")
    pays(user, "something nobody has ever sold", 199, timedelta(hours=8), "stxStrange0001")
    story("unknown_payload", user, user.telegram_id)

    user = buyer("regretful")
    order = orders(user, timedelta(hours=6))
    pays(user, order.payload, order.stars, timedelta(hours=6), "stxRefunded0001")
    payments.mark_refunded.blocking("stxRefunded0001", now=now - timedelta(hours=5))
    story("refunded", user, "stxRefunded0001")

    user = buyer("hesitant")
    order = orders(user, timedelta(hours=5))
    story("never_paid", user, order.payload)

    user = buyer("unlucky")
    order = orders(user, timedelta(minutes=4))
    telegram.charges(user, order.payload, order.stars, now - timedelta(minutes=3), "stxLost0001")
    story("lost_in_an_outage", user, "stxLost0001")
    return stories
