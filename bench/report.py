"""Writes what was found: as text, as the generated part of docs/performance.md, as results.json."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.results import Ratio, Result

BEGIN = "<!-- What follows is written by `python3 dev.py bench`. -->"
END = "<!-- The end of what is written by `python3 dev.py bench`. -->"
TARGETS = ("what", "against", "target", "measured", "least - most", "by CPU", "met", "command")


class Proof(NamedTuple):
    """A target that is measured by a proof of the tests: its command, the day, and what came out."""

    command: str
    at: str
    ratio: Ratio


def plain(result: Result) -> str:
    """Give a measurement as text."""
    return "\n".join([result.title, *_aligned([result.columns, *result.lines]), *result.remarks])


def plain_targets(results: Sequence[Result]) -> str:
    """Give the targets as text."""
    return "\n".join(_aligned([TARGETS, *_target_lines(results)])) + "\n"


def write(root: Path, found: Sequence[Result], order: Sequence[str]) -> None:
    """Put what was found in the place of what was known, and the tables into the document."""
    path = root / "bench" / "results.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known.update({result.name: result.as_json() for result in found})
    known = {name: known[name] for name in order if name in known}
    path.write_text(_compact(known), encoding="utf-8")
    document = root / "docs" / "performance.md"
    text = document.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    results = [Result.of_json(each) for each in known.values()]
    document.write_text(f"{before}{BEGIN}\n\n{tables(results, proofs(root))}\n{END}{after}", encoding="utf-8")


def tables(results: Sequence[Result], proven: Sequence[Proof] = ()) -> str:
    """Give the generated part of the document."""
    parts = [_markdown(TARGETS, _target_lines(results, proven))]
    for result in results:
        machine = result.machine
        where = (
            f"{machine['at']}{_commit(machine)}, {machine['cores']} cores, load {machine['load']} at the"
            f" beginning and {machine['load_at_the_end']} at the end."
        )
        remarks = "".join(f"\n{remark}\n" for remark in result.remarks)
        parts.append(
            f"### {result.title[0].upper()}{result.title[1:]}\n\n"
            f"`dev.py bench {result.name}`, {where}\n\n{_markdown(result.columns, result.lines)}{remarks}"
        )
    return "\n".join(parts)


def _commit(machine: Mapping[str, Any]) -> str:
    return f", commit {machine['commit']}" if machine.get("commit") else ""


def proofs(root: Path) -> list[Proof]:
    """Read the targets that are measured by proofs."""
    path = root / "bench" / "proofs.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return [Proof(each["command"], each["at"], Ratio(**each["ratio"])) for each in known]


def _target_lines(results: Sequence[Result], proven: Sequence[Proof] = ()) -> list[tuple[str, ...]]:
    return [
        *(_line(ratio, f"`dev.py bench {result.name}`") for result in results for ratio in result.ratios),
        *(
            _line(proof.ratio, f"`{proof.command}`" + (f", {proof.at}" if proof.at else ""))
            for proof in proven
        ),
    ]


def _line(ratio: Ratio, command: str) -> tuple[str, ...]:
    return (
        ratio.what,
        ratio.rival,
        f"{'at most ' if ratio.most else ''}{ratio.target:g}{ratio.unit}",
        "not written down" if ratio.ratio is None else f"{ratio.ratio:.3g}{ratio.unit}",
        f"{min(ratio.spread):.3g} - {max(ratio.spread):.3g}" if ratio.spread else "",
        "" if ratio.cpu is None else f"{ratio.cpu:.3g}x",
        "" if ratio.ratio is None else "yes" if ratio.is_met else "**no**",
        command,
    )


def _markdown(columns: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rule = ["---:" if _is_number(lines, place) else "---" for place in range(len(columns))]
    return "".join(f"| {' | '.join(line)} |\n" for line in (columns, rule, *lines))


def _is_number(lines: Sequence[Sequence[str]], place: int) -> bool:
    return all(not line[place] or line[place][0].isdigit() for line in lines)


def _aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    right = [_is_number(lines[1:], place) for place in range(len(lines[0]))]
    return [
        "  ".join(
            cell.rjust(width) if is_right else cell.ljust(width)
            for cell, width, is_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    ]


def _compact(known: dict[str, object]) -> str:
    """Give JSON with a line for each measurement's part: readable, and small where it changes."""
    parts = []
    for name, result in known.items():
        assert isinstance(result, dict)  # noqa: S101
        lines = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in result.items())
        parts.append(f"{json.dumps(name)}: {{\n{lines}\n}}")
    return "{\n" + ",\n".join(parts) + "\n}\n"
