"""A user's access as another system knew it. Pure: readers of files need no database to make one."""

from datetime import date, datetime
from typing import NamedTuple


class ImportedSubscription(NamedTuple):
    """What comes from outside about one user's access.

    He was given `tier` (None: nothing) from `starts_at` (None: not known) to `ends_at` (None: for ever). Of
    his requests, `daily_requests` belong to the day `last_reset_date`. `referred_by` is a Telegram id.
    """

    telegram_id: int
    tier: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    auto_renew: bool = False
    payment_method: str = ""
    daily_requests: int = 0
    last_reset_date: date | None = None
    referral_code: str | None = None
    referred_by: int | None = None
