"""What a reconciliation found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Difference(NamedTuple):
    """One charge that the two sides tell differently. Units: whole Stars."""

    charge_id: str
    stars: int | None
    note: str = ""


@dataclass(frozen=True)
class ReconcileReport:
    """What was read, and what differed.

    `recovered` was paid there and missing here, and is recorded now (the note says as what); `refunded_there`
    went back there and is refunded here now; `missing_there` was paid here and is not in the list;
    `amounts_differ` has another amount there. `before_us` are purchases of the old bot, which came by import.
    `busy`: another process was at it, and nothing was done.
    """

    read: int = 0
    new: int = 0
    before_us: int = 0
    recovered: Sequence[Difference] = ()
    refunded_there: Sequence[Difference] = ()
    missing_there: Sequence[Difference] = ()
    amounts_differ: Sequence[Difference] = ()
    unreadable: Sequence[str] = ()
    busy: bool = False

    @property
    def differences(self) -> int:
        """How many there are of all kinds."""
        lists = (self.recovered, self.refunded_there, self.missing_there, self.amounts_differ)
        return sum(map(len, lists)) + len(self.unreadable)

    def __add__(self, other: "ReconcileReport") -> "ReconcileReport":
        """Give both together."""
        return ReconcileReport(
            read=self.read + other.read,
            new=self.new + other.new,
            before_us=self.before_us + other.before_us,
            recovered=(*self.recovered, *other.recovered),
            refunded_there=(*self.refunded_there, *other.refunded_there),
            missing_there=(*self.missing_there, *other.missing_there),
            amounts_differ=(*self.amounts_differ, *other.amounts_differ),
            unreadable=(*self.unreadable, *other.unreadable),
            busy=self.busy or other.busy,
        )

    def lines(self) -> list[str]:
        """Give the report as text for people."""
        if self.busy:
            return ["Another process reconciles at this moment; nothing was done."]
        text = [f"{self.read} transactions read, {self.new} of them new."]
        if self.before_us:
            text.append(f"{self.before_us} purchases of the old bot, which came by import, were left alone.")
        for title, found in (
            ("paid there and missing here, recorded now", self.recovered),
            ("refunded there only, refunded here now", self.refunded_there),
            ("paid here and missing there", self.missing_there),
            ("with another amount there", self.amounts_differ),
        ):
            text.append(f"{len(found)} {title}")
            text += [f"    {each.charge_id}: {each.stars} Stars {each.note}".rstrip() for each in found]
        if self.unreadable:
            text.append(f"{len(self.unreadable)} could not be read")
            text += [f"    {reason}" for reason in self.unreadable]
        return text
