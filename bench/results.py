"""What a measurement gives: lines of a table, and ratios beside the targets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from bench.rounds import Operation, Samples

COLUMNS = (
    "tasks",
    "contender",
    "calls/s",
    "least - most",
    "CPU us/call",
    "p50 ms",
    "p99 ms",
    "statements/call",
    "stall ms",
)

MOST_STALL_MILLISECONDS = 20


@dataclass
class Ratio:
    """A ratio beside its target. `spread` holds those of the rounds."""

    what: str
    rival: str
    target: float
    ratio: float | None  # None: nobody has written down what came out
    spread: Sequence[float] = ()
    cpu: float | None = None  # the same ratio of the client's processor time
    most: bool = False  # the target is an upper bound
    unit: str = "x"

    @property
    def is_met(self) -> bool:
        """Whether the median reaches the target."""
        if self.ratio is None:
            return False
        return self.ratio <= self.target if self.most else self.ratio >= self.target


@dataclass
class Result:
    """What one measurement found. `figures` are all there are, for who wants to compute with them."""

    name: str
    title: str
    columns: Sequence[str] = COLUMNS
    lines: list[list[str]] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    machine: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON can hold it."""
        return asdict(self)

    @classmethod
    def of_json(cls, given: Mapping[str, Any]) -> "Result":
        """Read what `as_json` gave."""
        return cls(**{**given, "ratios": [Ratio(**ratio) for ratio in given["ratios"]]})


def add_samples(result: Result, operation: Operation, tasks: int, samples: Mapping[str, Samples]) -> None:
    """Add the lines and ratios of an operation among so many tasks."""
    for name, found in samples.items():
        remark = "" if found.served == found.calls else f" ({found.as_meant:.1%} as meant)"
        result.lines.append(line_of(tasks, name + remark, found))
        result.figures.setdefault(str(tasks), {})[name] = [each._asdict() for each in found.rounds]
    for target in operation.targets:
        if target.tasks == tasks and {target.ours, target.rival} <= samples.keys():
            ratios = [*ratios_of(samples[target.ours], samples[target.rival])]
            result.ratios.append(
                Ratio(
                    f"{operation.title}, {tasks} task{'s' if tasks > 1 else ''}"
                    + ("" if target.ours == "faceitbot" else f": {target.ours}"),
                    target.rival,
                    target.at_least,
                    median(ratios),
                    ratios,
                    samples[target.rival].median("cpu") / samples[target.ours].median("cpu"),
                )
            )
    if tasks == max(operation.tasks):
        result.ratios += [*_stalls(operation, tasks, samples)]


def _stalls(operation: Operation, tasks: int, samples: Mapping[str, Samples]) -> Iterator[Ratio]:
    """Give how long the event loop stood still for each contender of ours."""
    for contender in operation.contenders:
        if contender.is_ours and contender.name in samples:
            what = operation.title + ("" if contender.name == "faceitbot" else f": {contender.name}")
            yield stall_of(f"{what}, {tasks} tasks", samples[contender.name].all("stall"))


def stall_of(what: str, found: Sequence[float]) -> Ratio:
    """Give how late the event loop was in each round beside the most that it may be. Units: milliseconds."""
    return Ratio(
        f"{what}: the event loop stands still",
        "its timer",
        MOST_STALL_MILLISECONDS,
        median(found),
        found,
        most=True,
        unit=" ms",
    )


def ratios_of(ours: Samples, rival: Samples) -> Iterator[float]:
    """Give how many times as fast we were in each round, the same moment of the machine for both."""
    for one, other in zip(ours.all("wall"), rival.all("wall"), strict=True):
        yield other / one


def line_of(tasks: int, name: str, found: Samples) -> list[str]:
    """Give a line of the table."""
    rates = [1e6 / wall for wall in found.all("wall")]
    return [
        str(tasks),
        name,
        f"{median(rates):,.0f}",
        f"{min(rates):,.0f} - {max(rates):,.0f}",
        f"{found.median('cpu'):,.0f}",
        f"{found.median('p50') / 1e3:,.2f}",
        f"{found.median('p99') / 1e3:,.2f}",
        f"{found.median('statements'):.2f}",
        f"{found.median('stall'):,.1f}" if tasks > 1 else "",
    ]
