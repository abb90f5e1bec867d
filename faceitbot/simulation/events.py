"""What happens in a simulation, as plain values: nothing here calls anything."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

# Telegram's own ids are far below, our columns end at 2^52: nobody real is ever met up here.
FIRST_ID = 4_000_000_000_000_000
LAST_ID = FIRST_ID + 10**14


class Kind(StrEnum):
    """What somebody does, by the word for it in a summary."""

    REGISTER = "registrations"
    LINK = "links"
    VISIT = "visits"
    ANALYSE = "analyses"
    FAIL = "failures"
    ORDER = "orders"
    BUY = "payments"
    RENEW = "renewals"
    CANCEL = "cancellations"
    REFUND = "refunds"


# Telegram says these of somebody, who need not be there: no activity of his.
OF_TELEGRAM = frozenset({Kind.RENEW, Kind.CANCEL, Kind.REFUND})


class Event(NamedTuple):
    """Somebody does something: at that moment, or, with None, when the bot gets to it.

    `value` is what the kind needs: of a registration the number of who has invited him, else None; of a visit
    the number of requests; of an analysis the match; of an order or a purchase the `Purchase`.
    """

    at: datetime | None
    number: int
    kind: Kind
    value: "int | str | Purchase | None" = None

    @property
    def telegram_id(self) -> int:
        """The id of who does it."""
        return FIRST_ID + self.number


class Purchase(NamedTuple):
    """What somebody wants to buy; `charge` is what Telegram would call its payment."""

    tier: str
    duration: str
    recurring: bool
    charge: str
