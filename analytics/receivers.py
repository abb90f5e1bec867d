"""What analytics does once the apps are loaded."""

from analytics.personal import TABLES
from faceitbot.core import personal


def connect() -> None:
    """Declare the tables."""
    personal.register(TABLES)
