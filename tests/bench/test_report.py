"""What a measurement found is written where it belongs, and nothing else is touched."""

import json

import pytest

from bench import report
from bench.catalogue import MODULES
from bench.results import Ratio, Result
from tests.architecture.sources import ROOT

MACHINE = {"at": "2026-11-29T12:00:00+00:00", "cores": 2, "load": 0.1, "load_at_the_end": 1.5}


def found(name: str, ratio: float) -> Result:
    return Result(
        name,
        f"what {name} does",
        ("contender", "calls/s"),
        [["ours", "2,000"], ["theirs", "100"]],
        [Ratio("ours", "theirs", 4, ratio, [ratio / 2, ratio * 2], 3.0)],
        machine=MACHINE,
    )


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "bench").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "performance.md").write_text(f"By hand.\n\n{report.BEGIN}\n{report.END}\nThe end.\n")
    return tmp_path


def test_a_second_run_replaces_what_it_has_measured_and_leaves_the_rest(folder):
    report.write(folder, [found("a", 5), found("b", 3)], ["b", "a"])
    report.write(folder, [found("b", 8)], ["b", "a"])

    text = (folder / "docs" / "performance.md").read_text()
    assert text.startswith("By hand.\n\n")
    assert text.endswith(f"{report.END}\nThe end.\n")
    assert text.index("### What b does") < text.index("### What a does")
    assert "| ours | theirs | 4x | 8x | 4 - 16 | 3x | yes | `dev.py bench b` |" in text
    assert "| theirs | 100 |" in text
    assert [*json.loads((folder / "bench" / "results.json").read_text())] == ["b", "a"]


def test_a_target_that_is_missed_is_said_to_be(folder):
    report.write(folder, [found("a", 3.9)], ["a"])

    assert (
        "| 3.9x | 1.95 - 7.8 | 3x | **no** | `dev.py bench a` |"
        in (folder / "docs" / "performance.md").read_text()
    )


def test_what_proofs_have_found_stands_among_the_targets(folder):
    ratio = {"what": "few", "rival": "many", "target": 50, "ratio": 0.8}
    unknown = {"what": "memory", "rival": "less", "target": 40, "ratio": None, "most": True, "unit": " MiB"}
    (folder / "bench" / "proofs.json").write_text(
        json.dumps(
            [
                {"command": "dev.py prove few", "at": "2026-11-30", "ratio": ratio},
                {"command": "dev.py prove memory", "at": "", "ratio": unknown},
            ]
        )
    )

    report.write(folder, [found("a", 5)], ["a"])

    text = (folder / "docs" / "performance.md").read_text()
    assert "| few | many | 50x | 0.8x |  |  | **no** | `dev.py prove few`, 2026-11-30 |" in text
    assert "| memory | less | at most 40 MiB | not written down |  |  |  | `dev.py prove memory` |" in text


def test_every_proof_that_is_named_is_there():
    names = {proof.command.removeprefix("dev.py prove ") for proof in report.proofs(ROOT)}
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))

    assert all(f'mark.proof("{name}")' in tests for name in names)


def test_an_upper_bound_is_met_from_below():
    assert Ratio("many", "few", 1.3, 1.2, most=True).is_met
    assert not Ratio("many", "few", 1.3, 1.4, most=True).is_met


def test_what_was_written_is_what_was_measured():
    """The tables of the document are those of results.json."""
    known = json.loads((ROOT / "bench" / "results.json").read_text(encoding="utf-8"))
    document = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    generated = document.partition(report.BEGIN)[2].partition(report.END)[0].strip()

    results = [Result.of_json(each) for each in known.values()]
    assert generated == report.tables(results, report.proofs(ROOT)).strip()
    assert {*known} <= {*MODULES}
