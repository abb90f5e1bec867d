"""The first pass: reads the whole file and decides every record, writing nothing."""

from datetime import tzinfo
from typing import BinaryIO

from faceitbot.core.progress import Advance
from faceitbot.legacy.decisions import Decisions, Place
from faceitbot.legacy.fates import RecordRefused
from faceitbot.legacy.mapping import decide_record
from faceitbot.legacy.parsing import parse_record
from faceitbot.legacy.reader import LegacyReader

_RECORDS_BETWEEN_REPORTS = 500


def decide_file(file: BinaryIO, naive_zone: tzinfo, decisions: Decisions, advance: Advance) -> str:
    """Decide all records of the file into `decisions`; give the SHA-256 of what was read.

    Units: `advance` is called with bytes.
    Errors: `LegacyFileRefused`.
    """
    reader = LegacyReader(file)
    for raw in reader:
        place = Place(raw.number, raw.line)
        try:
            value = parse_record(raw, file)
            decisions.accept(place, decide_record(value, raw.key, naive_zone))
        except RecordRefused as refused:
            decisions.refuse(place, refused.deviation, refused.telegram_id)
        if raw.number % _RECORDS_BETWEEN_REPORTS == 0:
            advance(reader.bytes_read)
    return reader.sha256
