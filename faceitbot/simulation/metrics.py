"""The metrics of a past: each of the moment of its event, and not of the one at which it is invented."""

from datetime import datetime

from analytics.metric_rows import line_of, metric_row
from analytics.recording import copy_lines
from faceitbot.core.observability import Tags


class PastMetrics:
    """Metrics that wait until they are written together. `moment` is that of those to come."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment
        self._lines: list[bytes] = []

    def __len__(self) -> int:
        return len(self._lines)

    def take(self, name: str, value: float, tags: Tags) -> None:
        """Take an event of `emit`. Errors: `InvalidInput` for what is no metric."""
        self._lines.append(line_of(metric_row(name, value, tags=tags, timestamp=self.moment)))

    def forget_from(self, number: int) -> None:
        """Let go of all but so many: what they tell of has been undone."""
        del self._lines[number:]

    def write(self) -> None:
        """Write those that wait, in the transaction that is open. Errors: as of any statement."""
        if self._lines:
            copy_lines(self._lines)
            self._lines.clear()
