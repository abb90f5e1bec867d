"""Fill an empty database with something to look at: 500 users of the old bot, and matches of some of them.

    python3 dev.py exec -- python -m examples.sample_data

`dev.py run` does so at each start. Where there are users, no users come; where there are analyses, no
matches; and cards are made of none but sample users and players who do not exist.
"""

import asyncio
import json
from pathlib import Path

import faceitbot

faceitbot.setup()

from django.core.management import call_command  # noqa: E402 - needs what faceitbot has set up
from django.db import transaction  # noqa: E402

from examples.make_sample import SAMPLE_TIME, TARGET  # noqa: E402
from examples.sample_matches import fill  # noqa: E402
from faceitbot.core import clock  # noqa: E402
from matches.models import MatchAnalysis  # noqa: E402
from users.models import User  # noqa: E402

PLAYING = 12


def main() -> None:
    """Add what is not there; users first, and the matches all or none."""
    call_command("import_legacy", str(TARGET), if_empty=True, as_of=SAMPLE_TIME.isoformat())
    players = [] if MatchAnalysis.objects.exists() else _players(TARGET)
    if players:
        with transaction.atomic():
            fill(clock.now(), players)
    print(f"{MatchAnalysis.objects.count()} analyses of matches.")


def _players(sample: Path) -> list[User]:
    """Give the sample users with a FACEIT account who have asked for most."""
    users = json.loads(sample.read_text(encoding="utf-8"))["users"]
    linked = [user["faceit_player_id"] for user in users if user["faceit_player_id"]]
    rows = User.objects.filter(faceit_player_id__in=linked).order_by("-total_requests", "telegram_id")
    return list(rows[:PLAYING])


if __name__ == "__main__":
    main()
    asyncio.run(faceitbot.close())  # writes what is held back, as how often matches were looked up
