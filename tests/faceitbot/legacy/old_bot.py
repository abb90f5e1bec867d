"""Writes data files of an old bot: of any size, the same on every run, clean or with faults."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FIRST_ID = 5_000_000_000
SEED = 20261129


def records(number: int, *, faulty: bool = True, seed: int = SEED) -> Iterator[dict[str, Any]]:
    """Give users with subscriptions: a fifth of them paid, an eighth referred.

    Where they may be faulty, a few per mille are, and now and then two have one account or one code.
    """
    dice = random.Random(seed)
    for index in range(number):
        record = _record(dice, index, number)
        yield _spoilt(dice, record, number) if faulty else record


def write_data_file(path: Path, number: int, *, faulty: bool = True) -> Path:
    """Write them into a file, one after the other, in little memory."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{"users": [')
        for index, record in enumerate(records(number, faulty=faulty)):
            file.write(",\n" if index else "\n")
            file.write(json.dumps(record, ensure_ascii=False))
        file.write('\n], "analytics": {"total_users": 0, "daily_stats": {}}}')
    return path


def _record(dice: random.Random, index: int, number: int) -> dict[str, Any]:
    tier = dice.choices(["free", "premium", "PRO"], [80, 13, 7])[0]
    return {
        "user_id": FIRST_ID + index,
        "faceit_player_id": f"{dice.getrandbits(128):032x}" if dice.random() < 0.8 else None,
        "faceit_nickname": f"жук{index}",
        "last_checked_match_id": f"1-{dice.getrandbits(128):032x}",
        "waiting_for_nickname": False,
        "language": "ru",
        "notifications_enabled": True,
        "created_at": _date(dice, 2025),
        "last_active_at": _date(dice, 2026, months=10),
        "total_requests": dice.randrange(100),
        "subscription": {
            "tier": tier,
            "expires_at": None if tier == "free" or dice.random() < 0.05 else _date(dice, 2099),
            "auto_renew": False,
            "payment_method": None if tier == "free" else "telegram_stars",
            "daily_requests": dice.randrange(10),
            "last_reset_date": "2026-10-14T12:00:00.448363",
            "referred_by": FIRST_ID + dice.randrange(number) if dice.random() < 0.12 else None,
            "referral_code": f"C{dice.getrandbits(60):x}" if dice.random() < 0.6 else None,
            "referrals_count": 0,
        },
    }


def _spoilt(dice: random.Random, record: dict[str, Any], number: int) -> dict[str, Any]:
    if dice.random() < 0.1:
        record["faceit_player_id"] = f"shared{dice.randrange(number)}"
        record["subscription"]["referral_code"] = f"SHARED{dice.randrange(number)}"
    if dice.random() < 0.003:
        record["user_id"] = dice.choice([None, -1, True, FIRST_ID])
    if dice.random() < 0.003:
        record["subscription"] = {"tier": "pro", "expires_at": "2025-13-45"}
    return record


def _date(dice: random.Random, year: int, months: int = 12) -> str:
    day = f"{year}-{dice.randrange(1, months + 1):02}-{dice.randrange(1, 29):02}"
    return f"{day}T{dice.randrange(24):02}:{dice.randrange(60):02}:15.746702"
