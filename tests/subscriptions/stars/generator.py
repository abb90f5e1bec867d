"""Makes lists of Star transactions as Telegram gives them; knows nothing of the product.

Source: Telegram Bot API, getStarTransactions: chronological, at most 100 a page; an id is that of its charge,
a refund has the same id and the other direction; partners are users, Fragment, Telegram's ads, and others.
"""

import random
from typing import Any

PERIOD = 2_592_000


class TelegramsList:
    """What a bot earned and spent, in order."""

    def __init__(self, dice: random.Random, start: int) -> None:
        self.dice, self.clock = dice, start
        self.transactions: list[dict[str, Any]] = []
        self.calls: list[tuple[int, int]] = []

    def _add(self, key: str, amount: int, **sides: Any) -> str:
        self.clock += self.dice.randint(1, 600)
        self.transactions.append({"id": key, "amount": amount, "date": self.clock, **sides})
        return key

    def _key(self) -> str:
        return "stx" + "".join(self.dice.choices("abcdefghijkmnpqrstuvwxyz0123456789", k=60))

    def paid(self, user_id: int, payload: str, amount: int, *, recurring: bool = False) -> str:
        """A user pays an invoice."""
        source = {**_user(user_id), "transaction_type": "invoice_payment", "invoice_payload": payload}
        if recurring:
            source["subscription_period"] = PERIOD
        return self._add(self._key(), amount, source=source)

    def refunded(self, key: str) -> str:
        """The bot gives a charge back, or somebody else does it for the user."""
        charge = next(found for found in self.transactions if found["id"] == key and "source" in found)
        return self._add(key, charge["amount"], receiver=charge["source"])

    def noise(self) -> None:
        """What a bot's list holds besides: withdrawals, ads, gifts, paid media, other bots' business."""
        stranger = _user(self.dice.randint(10**6, 10**9))
        kinds: list[dict[str, Any]] = [
            {
                "receiver": {
                    "type": "fragment",
                    "withdrawal_state": {"type": "succeeded", "date": 1, "url": "x"},
                }
            },
            {"receiver": {"type": "telegram_ads"}},
            {"receiver": {**stranger, "transaction_type": "gift_purchase"}},
            {"receiver": {"type": "telegram_api", "request_count": 3}},
            {"source": {**stranger, "transaction_type": "paid_media_payment", "paid_media_payload": "photo"}},
            {"source": {"type": "affiliate_program", "commission_per_mille": 100}},
            {"source": {"type": "chat", "chat": {"id": -100, "type": "channel", "title": "News"}}},
            {"source": {"type": "other"}},
            {"receiver": {"type": "other"}, "nanostar_amount": 500_000_000},
        ]
        self._add(self._key(), self.dice.randint(1, 5_000), **self.dice.choice(kinds))

    async def fetch(self, offset: int, limit: int) -> dict[str, Any]:
        """Answer as `getStarTransactions` does."""
        self.calls.append((offset, limit))
        return {"transactions": self.transactions[offset : offset + limit]}

    def pages(self) -> list[dict[str, Any]]:
        """Give all answers, as somebody would save them."""
        whole = self.transactions
        return [
            {"ok": True, "result": {"transactions": whole[first : first + 100]}}
            for first in range(0, len(whole), 100)
        ]


def _user(user_id: int) -> dict[str, Any]:
    return {"type": "user", "user": {"id": user_id, "is_bot": False, "first_name": "Имя"}}
