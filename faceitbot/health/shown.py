"""A verdict for programs, and the moment since when it is so for people."""

from datetime import datetime
from typing import Any

from django.utils.timezone import localtime

from faceitbot.core.clock import bot_zone
from faceitbot.core.display import from_now
from faceitbot.core.health.checks import Verdict


def described(verdict: Verdict) -> dict[str, Any]:
    """Give a verdict as JSON, in the language of whoever asks; what to do is there when it is bad."""
    told: dict[str, Any] = {
        "name": verdict.name,
        "title": str(verdict.check.title),
        "state": verdict.state.value,
        "sentence": str(verdict.finding.sentence),
    }
    if verdict.is_bad:
        told |= {
            "since": verdict.since.isoformat() if verdict.since else None,
            "still_works": str(verdict.check.still_works),
            "next": str(verdict.next_step),
        }
    return told


def when(since: datetime) -> str:
    """Give a moment of the past for a terminal: exactly, and how long it is ago."""
    return f"{localtime(since, bot_zone()):%Y-%m-%d %H:%M:%S %Z}, {from_now(since)}"
