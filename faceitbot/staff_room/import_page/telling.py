"""What the page of an import says in its largest letters, and its counts."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from faceitbot.core.display import EMPTY, digits
from faceitbot.models import ImportRun, ImportState
from faceitbot.staff_room.import_page.words import meaning

Facts = list[tuple[str, Any]]


def count(run: ImportRun, name: str) -> int:
    """Give one of the counts; runs of earlier versions lack some."""
    return int(run.counts.get(name, 0))


def came_in(run: ImportRun) -> int:
    """How many users are in the database as the file has them."""
    return count(run, "created") + count(run, "updated") + count(run, "unchanged")


def duration(run: ImportRun) -> str:
    """Give how long an import took, in minutes and seconds; nothing before its end."""
    if run.finished_at is None:
        return EMPTY
    minutes, seconds = divmod(round((run.finished_at - run.started_at) / timedelta(seconds=1)), 60)
    if minutes:
        return _("%(minutes)s min %(seconds)s s") % {"minutes": digits(minutes), "seconds": seconds}
    return _("%(seconds)s s") % {"seconds": seconds}


def sentences(run: ImportRun) -> str:
    """Say how an import went."""
    said = []
    if run.state == ImportState.RUNNING:
        said.append(_("This import is under way, or its process was killed: the next one will know."))
    if run.state == ImportState.INTERRUPTED:
        said.append(_("This import did not come to its end: running it again brings in what is missing."))
    if run.state == ImportState.DONE:
        of_all = {"users": digits(came_in(run)), "records": digits(count(run, "records"))}
        said.append(_("%(users)s of %(records)s records came in.") % of_all)
    numbers = {
        _("Paid access for a person to decide on: %(number)s."): count(run, "undecided"),
        _("Refused: %(number)s."): count(run, "refused"),
        _("Left alone, for they changed here later: %(number)s."): count(run, "newer"),
    }
    said += [text % {"number": digits(number)} for text, number in numbers.items() if number]
    return " ".join(said)


def users_facts(run: ImportRun) -> Facts:
    """Give what became of the records."""
    titles = {
        "records": _("Records in the file"),
        "created": _("Created"),
        "updated": _("Updated"),
        "unchanged": _("Unchanged"),
        "newer": _("Newer here"),
        "refused": _("Refused"),
        "left_out": _("Not asked for"),
    }
    return _counted(run, titles, seldom={"left_out"})


def access_facts(run: ImportRun) -> Facts:
    """Give what users got with their records."""
    titles = {
        "grants": _("Grants"),
        "referrals": _("Referrals"),
        "grants_differing": _("Grants that end otherwise here"),
        "undecided": _("To decide by hand"),
    }
    return _counted(run, titles, seldom={"grants_differing"})


def notes_facts(run: ImportRun) -> Facts:
    """Give what was changed on the way in, the most frequent first."""
    notes: dict[str, int] = run.counts.get("notes", {})
    ordered = sorted(notes.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(meaning(code), digits(number)) for code, number in ordered]


def _counted(run: ImportRun, titles: dict[str, str], seldom: set[str]) -> Facts:
    numbers = {name: count(run, name) for name in titles}
    return [
        (title, digits(numbers[name]))
        for name, title in titles.items()
        if numbers[name] or name not in seldom
    ]
