"""What `dev.py run --demo` shows: 90 days of simulated users, matches of some of them, and live traffic.

    python3 dev.py exec -- python -m examples.demo

Only for a database that holds nothing else. What was stopped goes on where it was; what is there stays.
"""

import asyncio
import io
import sys

import faceitbot

faceitbot.setup()

from django.core.management import CommandError, call_command  # noqa: E402 - needs what faceitbot has set up
from django.db import transaction  # noqa: E402

from examples import sample_matches  # noqa: E402
from faceitbot.core import clock  # noqa: E402
from stats.models import PlayerMatch  # noqa: E402
from users.models import User  # noqa: E402

DAYS, REGISTRATIONS_A_DAY, EVENTS_A_SECOND = 90, 12, 1.0
PLAYING = 12


def fill() -> None:
    """Let the past happen, and then a month of matches of those who have asked for most."""
    call_command("simulate_traffic", days=DAYS, registrations=REGISTRATIONS_A_DAY)
    if not PlayerMatch.objects.exists():
        players = User.objects.filter(faceit_player_id__isnull=False).order_by("-total_requests", "pk")
        with transaction.atomic():
            sample_matches.fill(clock.now(), list(players[:PLAYING]))
    call_command("update_rollups")


def main() -> int:
    """Fill the database, say that it is full, and go on until somebody stops it."""
    try:
        fill()
        print("The demonstration is complete; traffic goes on.", flush=True)
        call_command("simulate_traffic", rate=EVENTS_A_SECOND, stdout=io.StringIO())
    except CommandError as error:
        print(error, file=sys.stderr)
        return error.returncode
    finally:
        asyncio.run(faceitbot.close())  # writes what is held back, as how often matches were looked up
    return 0


if __name__ == "__main__":
    sys.exit(main())
