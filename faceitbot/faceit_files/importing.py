"""Imports saved bodies file by file: each is stored whole or refused whole, with the reason."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from faceitbot.core.errors import InvalidInput
from faceitbot.core.progress import Stages
from faceitbot.faceit import Kind
from faceitbot.faceit_files.finding import ORDER, SavedBody, files_of, load_file, saved_body
from faceitbot.faceit_files.storing import store


@dataclass
class FilesReport:
    """What became of the files, by what they hold; who was refused, and why."""

    stored: Counter[Kind] = field(default_factory=Counter)
    not_kept: Counter[Kind] = field(default_factory=Counter)
    refused: list[tuple[Path, str]] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Give the report for people to read."""
        for path, reason in self.refused:
            yield f"refused: {path}: {reason}"
        for title, counts in (("stored", self.stored), ("read, nothing of it is kept", self.not_kept)):
            if counts:
                parts = ", ".join(f"{number} {kind}" for kind, number in sorted(counts.items()))
                yield f"{title}: {parts}"
        read = self.stored.total() + self.not_kept.total()
        yield f"{read + len(self.refused)} files, {len(self.refused)} of them refused."


def import_files(paths: Iterable[Path], stages: Stages, *, dry_run: bool = False) -> FilesReport:
    """Store the bodies that files hold, matches before their statistics.

    A dry run does the same and rolls each file back.
    Errors: `FileNotFoundError`; `Unavailable`, after which it may be repeated.
    """
    report, found = FilesReport(), list(files_of(paths))
    with stages("files", 2 * len(found)) as advance:
        bodies: list[SavedBody] = []
        for number, path in enumerate(found, 1):
            try:
                bodies.append(saved_body(path))
            except InvalidInput as error:
                report.refused.append((path, _reason(error)))
            advance(number)
        for number, body in enumerate(sorted(bodies, key=lambda each: ORDER.index(each.kind)), 1):
            _import(body, report, dry_run=dry_run)
            advance(len(found) + number)
    return report


def _import(body: SavedBody, report: FilesReport, *, dry_run: bool) -> None:
    try:
        with transaction.atomic():
            kept = store(body.kind, load_file(body.path))
            if dry_run:
                transaction.set_rollback(True)
    except InvalidInput as error:
        report.refused.append((body.path, _reason(error)))
        return
    (report.stored if kept else report.not_kept)[body.kind] += 1


def _reason(error: InvalidInput) -> str:
    place = error.context.get("field", "body")
    text = str(error)
    return text if place == "body" or str(place) in text else f"{place}: {text}"
