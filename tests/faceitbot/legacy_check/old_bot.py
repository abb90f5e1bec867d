"""Users as the old bot kept them, in any number and always the same; and the commands that they meet."""

import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command

from tests.faceitbot.legacy.importing import AS_OF, Outcome

FIRST_ID = 6_000_000_000
REGISTERED = datetime(2025, 1, 1, 12, 0, 0, 250_001)
TIERS = ("free", "free", "premium", "pro", "premium", "free", "PRO")
ENDS = ("2026-03-01T10:00:00", None, "2027-02-03T04:05:06.000007")


def users(count: int) -> Iterator[dict[str, Any]]:
    """Give users of every kind: linked or not, of each tier, referring and referred."""
    for n in range(count):
        registered = REGISTERED + timedelta(minutes=7 * n % 400_000)
        linked = n % 3 != 0
        tier = TIERS[n % len(TIERS)]
        yield {
            "user_id": FIRST_ID + n,
            "faceit_player_id": f"player-{n}" if linked else None,
            "faceit_nickname": f"жук{n}" if linked else None,
            "last_checked_match_id": f"1-match-{n}" if n % 6 == 1 else None,
            "waiting_for_nickname": n % 5 == 0,
            "language": ("ru", "en", "uk")[n % 3],
            "notifications_enabled": n % 4 != 0,
            "created_at": registered.isoformat(),
            "last_active_at": (registered + timedelta(days=30)).isoformat() if n % 2 else None,
            "total_requests": n % 97,
            "subscription": {
                "tier": tier,
                "expires_at": None if tier == "free" else ENDS[n % len(ENDS)],
                "auto_renew": n % 8 == 0,
                "payment_method": "telegram_stars" if n % 7 == 2 else None,
                "daily_requests": n % 9,
                "last_reset_date": "2026-10-31T09:00:00" if n % 2 else None,
                "referred_by": FIRST_ID + (n + 5) // 2 if n % 10 == 3 else None,
                "referral_code": f"CODE{n}" if n % 4 == 0 else None,
                "referrals_count": 0,
            },
        }


def write(path: Path, records: Iterable[Any]) -> Path:
    """Write them as the old bot did, one after the other."""
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"users": [')
        for number, record in enumerate(records):
            stream.write(",\n" if number else "\n")
            stream.write(json.dumps(record, ensure_ascii=False, indent=2))
        stream.write('\n], "analytics": {"total_users": 0, "daily_stats": {}}}\n')
    return path


def run(name: str, *words: object) -> Outcome:
    """Run a command as a shell would see it."""
    stdout = io.StringIO()
    try:
        call_command(name, *map(str, words), stdout=stdout)
    except CommandError as error:
        return Outcome(error.returncode, str(error))
    except SystemExit as end:
        return Outcome(int(end.code or 0), stdout.getvalue())
    return Outcome(0, stdout.getvalue())


def verify(path: Path, *words: object) -> Outcome:
    """Compare the file with the database, by the time that the tests' imports go by."""
    return run("verify_import", path, "--as-of", AS_OF, *words)


def summary(**counts: int) -> str:
    """Give the line that ends what `verify_import` says."""
    names = ("equal", "changed since", "refused", "missing", "wrong")
    each = {name: counts.get(name.split()[0], 0) for name in names}
    return f"{sum(each.values())} records: {', '.join(f'{each[name]} {name}' for name in names)}."
