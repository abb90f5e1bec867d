"""Write examples/data.json: the data file of an old bot, made up from a seed, the same on every run.

    python examples/make_sample.py

500 people between January 2024 and SAMPLE_TIME. Nobody in it exists.
"""

import json
import random
import uuid
from collections.abc import Callable, Hashable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeVar

TARGET = Path(__file__).with_name("data.json")
SAMPLE_TIME = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
FIRST_DAY = datetime(2024, 1, 8, tzinfo=UTC)
USERS = 500
SEED = 20261120

T = TypeVar("T", bound=Hashable)
MOSCOW = timezone(timedelta(hours=3))
LATIN = [
    "shadow",
    "nova",
    "frost",
    "viper",
    "rush",
    "clutch",
    "ace",
    "smoke",
    "spray",
    "tap",
    "flick",
    "rifle",
    "ghost",
    "eagle",
    "storm",
]
CYRILLIC = [
    "жук",
    "волк",
    "медведь",
    "кот",
    "снайпер",
    "гроза",
    "тень",
    "мороз",
    "шторм",
    "лис",
    "Алёна",
    "дедушка",
    "Ёжик",
    "Щука",
    "барсук",
]
SUFFIXES = ["", "", "", "_cs", "77", "1337", "_pro", "x", "2k", "_msk"]
CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def make_sample() -> dict[str, Any]:
    """Give the whole file."""
    dice = random.Random(SEED)
    ids = _telegram_ids(dice)
    codes = _distinct(lambda: "".join(dice.choices(CODE_LETTERS, k=8)))
    names = _distinct(lambda: _nickname(dice))
    users = [_user(dice, telegram_id, ids, codes, names) for telegram_id in ids]
    return {"users": users, "analytics": {"total_users": len(users), "daily_stats": {}}}


def _telegram_ids(dice: random.Random) -> list[int]:
    # Old accounts have nine or ten digits, those of the last years stand above 2^32.
    fixed = [5_000_000_000, 2**52]
    old = _distinct(lambda: dice.randrange(90_000_000, 2_147_000_000))
    new = _distinct(lambda: dice.randrange(5_000_000_001, 8_200_000_000))
    ids = fixed + [next(new) if _chance(dice, 0.4) else next(old) for _ in range(USERS - len(fixed))]
    dice.shuffle(ids)
    return ids


def _user(
    dice: random.Random, telegram_id: int, ids: list[int], codes: Iterator[str], names: Iterator[str]
) -> dict[str, Any]:
    # More people come in the later months.
    created = FIRST_DAY + (SAMPLE_TIME - FIRST_DAY) * dice.random() ** 0.7
    active = None
    if _chance(dice, 0.88):
        # A part stays for good, the others leave after days or months.
        stays = _chance(dice, 0.35)
        idle = timedelta(hours=dice.expovariate(1 / 60))
        stay = timedelta(days=dice.expovariate(1 / 70))
        active = SAMPLE_TIME - idle if stays else created + stay
        active = min(max(active, created), SAMPLE_TIME - timedelta(minutes=dice.randrange(1, 90)))
    linked = active is not None and _chance(dice, 0.78)
    return {
        "user_id": telegram_id,
        "faceit_player_id": _uuid(dice) if linked else None,
        "faceit_nickname": next(names) if linked else None,
        "last_checked_match_id": f"1-{_uuid(dice)}" if linked and _chance(dice, 0.7) else None,
        "waiting_for_nickname": not linked and _chance(dice, 0.3),
        "language": dice.choices(["ru", "en", "uk", "kk"], [84, 11, 3, 2])[0],
        "notifications_enabled": _chance(dice, 0.9),
        "created_at": _date(dice, created),
        "last_active_at": _date(dice, active),
        "total_requests": _requests(dice, created, active),
        "subscription": _subscription(dice, created, telegram_id, ids, codes),
    }


def _requests(dice: random.Random, created: datetime, active: datetime | None) -> int:
    if active is None:
        return 0
    return 1 + int((active - created).days * dice.paretovariate(1.6) * 0.25)


def _subscription(
    dice: random.Random, created: datetime, telegram_id: int, ids: list[int], codes: Iterator[str]
) -> dict[str, Any] | None:
    if _chance(dice, 0.04):
        return None
    tier = dice.choices(["free", "premium", "PREMIUM", "pro"], [80, 12, 1, 7])[0]
    paid = tier != "free"
    expires = None
    if paid and _chance(dice, 0.94):
        expires = created + timedelta(days=dice.choice([30, 60, 90, 365, 730]))
    usage: dict[str, Any] = {"daily_requests": dice.randrange(0, 12)}
    day = SAMPLE_TIME - timedelta(days=dice.randrange(0, 20))
    if _chance(dice, 0.15):
        usage["last_request_date"] = day.date().isoformat()
    else:
        usage["last_reset_date"] = _date(dice, day)
    referrer = dice.choice(ids) if _chance(dice, 0.12) else None
    return {
        "tier": tier,
        "expires_at": _date(dice, expires),
        "auto_renew": paid and _chance(dice, 0.4),
        "payment_method": "telegram_stars" if paid else None,
        **usage,
        "referred_by": referrer if referrer != telegram_id else None,
        "referral_code": next(codes) if _chance(dice, 0.6) else None,
        "referrals_count": 0,
    }


def _date(dice: random.Random, moment: datetime | None) -> str | None:
    """Write a moment the ways that the old bot did: mostly the server's local time without an offset."""
    if moment is None:
        return None
    moment = moment.replace(microsecond=dice.randrange(1_000_000))
    match dice.choices(["local", "utc", "offset"], [88, 8, 4])[0]:
        case "utc":
            return moment.isoformat().replace("+00:00", "Z")
        case "offset":
            return moment.astimezone(timezone(timedelta(hours=5))).isoformat()
    return moment.astimezone(MOSCOW).replace(tzinfo=None).isoformat()


def _nickname(dice: random.Random) -> str:
    words = CYRILLIC if _chance(dice, 0.4) else LATIN
    return dice.choice(words) + dice.choice(["", "_", dice.choice(words)]) + dice.choice(SUFFIXES)


def _chance(dice: random.Random, probability: float) -> bool:
    return dice.random() < probability


def _uuid(dice: random.Random) -> str:
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))


def _distinct(make: Callable[[], T]) -> Iterator[T]:
    seen: set[T] = set()
    while True:
        value = make()
        if value not in seen:
            seen.add(value)
            yield value


if __name__ == "__main__":
    text = json.dumps(make_sample(), ensure_ascii=False, indent=1)
    TARGET.write_text(text + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {USERS} users, {TARGET.stat().st_size} bytes")
