"""A verdict for programs, and the moment since when it is so for people."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import localtime

from faceitbot.core.clock import bot_zone
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


def when(since: datetime, now: datetime) -> str:
    """Give a moment of the past and how long it is ago, for a terminal."""
    ago = now - since
    told = f"{ago // timedelta(minutes=1)} min"
    for unit, size in (("h", timedelta(hours=1)), ("d", timedelta(days=1))):
        if ago >= 2 * size:
            told = f"{ago // size} {unit}"
    return f"{localtime(since, bot_zone()):%Y-%m-%d %H:%M:%S %Z}, {told} ago"
