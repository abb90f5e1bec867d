"""The first pass: reads the whole file and decides every record, writing nothing."""

from datetime import tzinfo
from typing import BinaryIO

from faceitbot.core.progress import Advance
from faceitbot.legacy.choosing import Choice
from faceitbot.legacy.decisions import Decisions, Place
from faceitbot.legacy.fates import RecordRefused
from faceitbot.legacy.mapping import decide_record
from faceitbot.legacy.parsing import parse_record
from faceitbot.legacy.reader import LegacyReader, RawRecord

_RECORDS_BETWEEN_REPORTS = 500


def decide_file(
    file: BinaryIO,
    naive_zone: tzinfo,
    decisions: Decisions,
    advance: Advance,
    choice: Choice | None = None,
) -> str:
    """Decide the records of the file into `decisions`; give the SHA-256 of what was read.

    With a choice, the others are read, because the file has to be whole, and left out.

    Units: `advance` is called with bytes.
    Errors: `LegacyFileRefused`.
    """
    reader = LegacyReader(file)
    if choice is not None:
        decisions.not_found = set(choice.telegram_ids)
    for raw in reader:
        _decide(raw, file, naive_zone, decisions, choice)
        if raw.number % _RECORDS_BETWEEN_REPORTS == 0:
            advance(reader.bytes_read)
    return reader.sha256


def _decide(
    raw: RawRecord, file: BinaryIO, naive_zone: tzinfo, decisions: Decisions, choice: Choice | None
) -> None:
    place = Place(raw.number, raw.line)
    try:
        decided = decide_record(parse_record(raw, file), raw.key, naive_zone)
    except RecordRefused as refused:
        decisions.not_found.discard(refused.telegram_id)
        if choice is None or choice.wants(raw.number, refused.telegram_id):
            decisions.refuse(place, refused.deviation, refused.telegram_id)
        else:
            decisions.leave_out()
        return
    decisions.not_found.discard(decided.user.telegram_id)
    if choice is None or choice.wants(raw.number, decided.user.telegram_id):
        decisions.accept(place, decided)
    else:
        decisions.leave_out()
