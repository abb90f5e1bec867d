"""What analytics does once the apps are loaded."""

from analytics import recording
from analytics.personal import TABLES
from faceitbot.core import personal
from faceitbot.core.closing import before_closing
from faceitbot.core.observability import add_sink


def connect() -> None:
    """Declare the tables, take the events of all apps, and write those that wait before the process ends."""
    personal.register(TABLES)
    add_sink(recording.record)
    before_closing(recording.waiting.drain)
