"""What analytics does once the apps are loaded."""

from analytics import recording
from analytics.personal import TABLES
from analytics.rollups.leaving import hours_are_folded
from faceitbot.core import personal
from faceitbot.core.closing import before_closing
from faceitbot.core.observability import add_sink
from users.signals import hours_folded


def connect() -> None:
    """Declare the tables, hear of folding, take the events of all apps, and write those that wait before the
    process ends.
    """
    personal.register(TABLES)
    hours_folded.connect(hours_are_folded, dispatch_uid="analytics.hours_are_folded")
    add_sink(recording.record)
    before_closing(recording.waiting.drain)
