"""Whatever stands in a file, the import takes it, names what it changed or refused, or writes nothing."""

import json
import random
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from faceitbot.legacy.fates import Code
from faceitbot.models import ImportRun
from tests.faceitbot.legacy.importing import digests, run_import
from tests.faceitbot.legacy.old_bot import records
from users.models import User

# Committed: one transaction would hold the locks of the temporary tables of every batch.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.proof("mutated_imports")]

# What a hand, a broken disk or a malicious user may have left in place of a value.
ODD: list[Any] = [
    *(None, True, False, 0, -1, 7, 2**31, 2**52, 2**63, 10**40, 0.5, 1e308, float("nan"), float("inf")),
    *("", " ", "7", "-7", "null", "pro", "PREMIUM", "free", "x" * 33, "x" * 65, "x" * 5_000, "ж" * 64),
    *("\x00", "a\nb", "\ud800", "\u202e", "2025-13-45", "2099-01-01", "2099-01-01T00:00:00+14:00"),
    *("0001-01-01T00:00:00", "9999-12-31T23:59:59", "1969-12-31", "2025-06-01 12:00:00Z", 1735787045, 1e12),
    *(10**150, json.loads("[" * 25 + "]" * 25)),
    *([], {}, [[[]]], {"tier": "pro"}, {"a": {"b": {"c": {}}}}, [None] * 100, "DROP TABLE users; --", "%s"),
]
EXTRA = ["x", "telegram_id", "linked_at", "last_activity", "requests_used", "last_request_date", "__proto__"]
BYTES = [b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\0", b"\xff", b"9" * 200, b"[" * 50, b"NaN"]


def odd(dice: random.Random) -> Any:
    """Give a value of its own: the next mutation may reach into it."""
    return deepcopy(dice.choice(ODD))


def mutated(dice: random.Random, record: dict[str, Any]) -> Any:
    """Give the record with some values replaced, taken away or added, at either level."""
    if dice.random() < 0.02:
        return odd(dice)
    for _ in range(dice.randrange(4)):
        inside = record["subscription"] if isinstance(record.get("subscription"), dict) else record
        target = dice.choice([record, inside])
        name = dice.choice([*target, *EXTRA]) if target else "x"
        if dice.random() < 0.1:
            target.pop(name, None)
        else:
            target[name] = odd(dice)
    return record


def written(dice: random.Random, record: Any) -> str:
    """Give the record as JSON, which sometimes says a thing twice."""
    text = json.dumps(record)
    twice = isinstance(record, dict) and dice.random() < 0.01
    return text.replace("{", '{"x": 1, "x": 2, ', 1) if twice and record else text


def damaged(dice: random.Random, data: bytes) -> bytes:
    """Give the bytes with some of them lost, replaced or added."""
    for _ in range(dice.randrange(1, 4)):
        at = dice.randrange(len(data))
        data = data[:at] + dice.choice([*BYTES, b""]) + data[at + dice.choice([0, 1, 2, 40]) :]
    return data


def assert_accounted(size: int | None) -> Counter[str]:
    """Every record has one fate, and every deviation a code of the list; give the codes."""
    run = ImportRun.objects.latest("id")
    counts = run.counts
    assert run.state == "done"
    fates = [counts[name] for name in ("created", "updated", "unchanged", "newer", "refused")]
    assert counts["records"] == sum(fates)
    assert size is None or counts["records"] == size
    assert counts["refused"] == run.refusals.count() == sum(counts["refusals"].values())
    assert counts["undecided"] == run.undecided.count()
    codes = Counter({**counts["refusals"]}) + Counter({**counts["notes"]})
    assert set(codes) <= set(Code)
    return codes


def test_mutated_records_have_their_fates_and_damaged_files_write_nothing(
    tmp_path: Path, full_size: bool, report: Callable[[str], None]
):
    seed = random.SystemRandom().randrange(2**32)
    whole, broken, size = (60, 200, 500) if full_size else (2, 6, 150)
    dice = random.Random(seed)
    path = tmp_path / "data.json"
    codes: Counter[str] = Counter()
    outcomes: Counter[int] = Counter()
    for number in range(whole + broken):
        count = size if number < whole else size // 5
        clean = records(count, seed=dice.randrange(2**32))
        listed = [written(dice, mutated(dice, record)) for record in clean]
        data = f'{{"users": [{", ".join(listed)}]}}'.encode()
        path.write_bytes(data if number < whole else damaged(dice, data))
        before, users, runs = digests(), User.objects.count(), ImportRun.objects.count()

        outcome = run_import(path, "--batch-size", str(dice.choice([7, 100, 2_000])))

        outcomes[outcome.code] += 1
        assert outcome.code in (0, 1, 2), (seed, number, outcome)
        if outcome.code == 2:
            assert number >= whole, (seed, number, outcome)
            assert outcome.said.startswith("Nothing imported: line "), (seed, number, outcome)
            assert digests() == before, (seed, number)
            assert ImportRun.objects.count() == runs
        else:
            codes += assert_accounted(count if number < whole else None)
            created = ImportRun.objects.latest("id").counts["created"]
            assert User.objects.count() == users + created, (seed, number)

    report(f"seed {seed}: exit codes {dict(sorted(outcomes.items()))}, codes {dict(sorted(codes.items()))}")
    call_command("check_integrity", stdout=StringIO())
    if full_size:
        # That one is about what is here, and nothing is sold here meanwhile.
        assert set(codes) == set(Code) - {Code.ACCESS_GIVEN_HERE}
