"""Events whose rows could not be written. No event tells of them at once: its row would be lost as well."""

from prometheus_client import Counter

LOST = Counter("faceitbot_events_lost", "Events whose rows were not written.", ["reason"])
# Too many waited; or there was no database to write to, or none that had room.
REASONS = ("overload", "database")

for _reason in REASONS:
    LOST.labels(_reason)


def note_lost(reason: str, number: int) -> None:
    """Count events that were lost."""
    LOST.labels(reason).inc(number)
