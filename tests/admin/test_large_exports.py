"""A file of a million rows takes no more memory than one of a few thousand."""

import csv
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from django.urls import reverse

from faceitbot.core.models import AuditEntry
from subscriptions.models import Payment
from tests.millions.years import ACCOUNT, Size, fill
from tests.other_process import environment

pytestmark = [pytest.mark.proof("exports"), pytest.mark.django_db(transaction=True)]

WORKER = Path(__file__).with_name("export_worker.py")
NICKNAME = 2  # the column's place
MOST_MEGABYTES = 8.0  # that a long file takes beyond a short one
FULL = Size(users=200_000, payments=1_000_000, grants=0, audit_entries=0)
SMALL = Size(users=10_000, payments=50_000, grants=0, audit_entries=0)


def export(path: Path, narrowed: str = "", *options: str) -> float:
    """Export payments into a file; give the megabytes of memory that it took at most."""
    address = f"{reverse('admin:subscriptions_payment_export_csv')}?{narrowed}"
    done = subprocess.run(
        [sys.executable, str(WORKER), ACCOUNT, address, str(path), *options],
        env=environment() | {"STAFF_TOTP": "false", "HTTPS": "false", "ALLOWED_HOSTS": "testserver"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return float(json.loads(done.stdout)["peak"])


def test_memory_does_not_grow_with_the_file(tmp_path, full_size, report):
    fill(FULL if full_size else SMALL)
    file = tmp_path / "payments.csv"

    few = export(tmp_path / "few.csv", "period=quarter")
    began = time.monotonic()
    many = export(file)
    seconds, size = time.monotonic() - began, file.stat().st_size / 2**20
    whole = export(tmp_path / "whole.csv", "", "whole")  # the control

    entries = AuditEntry.objects.filter(action="list.exported").order_by("id")
    of_quarter, of_all, _of_all = (after["rows"] for after in entries.values_list("after", flat=True))
    report(
        f"{of_all} rows, {size:.0f} MB in {seconds:.0f} s: {many:.0f} MB of memory at most, as against"
        f" {few:.0f} MB for {of_quarter} rows and {whole:.0f} MB for a file that is held whole"
    )
    assert of_quarter < of_all / 10
    assert many - few < MOST_MEGABYTES
    assert whole - many > size - MOST_MEGABYTES
    nicknames = nicknames_of(file)
    assert nicknames.total() == of_all == Payment.objects.count()
    assert nicknames["'=cmd()"] > 0
    assert nicknames["=cmd()"] == 0


def nicknames_of(path: Path) -> Counter[str]:
    """Read a file as any program would."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, delimiter=";")
        next(rows)  # the titles
        return Counter(row[NICKNAME] for row in rows)
