"""Why an import does not begin."""

from faceitbot.core.errors import Conflict, InvalidInput


class LegacyFileRefused(InvalidInput):
    """The file as a whole cannot be read; `line` and `column` (in characters, from 1) say where."""

    code = "legacy_file_refused"

    def __init__(self, why: str, *, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {why}", line=line, column=column)
        self.line = line
        self.column = column


class RecordsRefused(InvalidInput):
    """Records would have been refused where all of them were wanted."""

    code = "records_refused"

    def __init__(self, number: int, first: str) -> None:
        records = "1 record is" if number == 1 else f"{number} records are"
        super().__init__(f"{records} refused, the first: {first.rstrip('.')}", records=number)


class FileTimeUnknown(InvalidInput):
    """The file's own dates do not vouch for its modification time, so a person must give the time."""

    code = "file_time_unknown"


class ImportRunning(Conflict):
    """Another import is at work on this database."""

    code = "import_running"
