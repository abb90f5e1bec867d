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
from tests.admin.years import ACCOUNT, Size, fill
from tests.other_process import environment

pytestmark = [pytest.mark.proof("exports"), pytest.mark.django_db(transaction=True)]

WORKER = Path(__file__).with_name("export_worker.py")
NICKNAME = 2  # the column's place
MOST_MEGABYTES = 16.0  # that a long file takes beyond a short one
FULL = Size(users=200_000, payments=1_000_000, grants=0, audit_entries=0)
SMALL = Size(users=10_000, payments=50_000, grants=0, audit_entries=0)


def export(path: Path, narrowed: str) -> tuple[float, float]:
    """Export payments into a file; give megabytes and seconds."""
    address = f"{reverse('admin:subscriptions_payment_export_csv')}?{narrowed}"
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, str(WORKER), ACCOUNT, address, str(path)],
        env=environment() | {"STAFF_TOTP": "false", "HTTPS": "false", "ALLOWED_HOSTS": "testserver"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return float(json.loads(done.stdout)["peak"]), time.monotonic() - began


def test_memory_does_not_grow_with_the_file(tmp_path, full_size, report):
    fill(FULL if full_size else SMALL)

    few, _seconds = export(tmp_path / "few.csv", "period=week")
    many, seconds = export(tmp_path / "many.csv", "")

    with (tmp_path / "many.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, delimiter=";")
        next(rows)  # the titles
        nicknames = Counter(row[NICKNAME] for row in rows)
    size = (tmp_path / "many.csv").stat().st_size
    entries = AuditEntry.objects.filter(action="list.exported").order_by("-id")
    written = list(entries.values_list("after", flat=True))
    report(
        f"{written[0]['rows']} rows, {size / 1e6:.0f} MB in {seconds:.0f} s: {many:.0f} MB of memory at most,"
        f" {few:.0f} MB for {written[1]['rows']} rows"
    )
    assert nicknames.total() == written[0]["rows"] == Payment.objects.count()
    assert written[1]["rows"] < written[0]["rows"] / 50
    assert many - few < MOST_MEGABYTES
    assert nicknames["'=cmd()"] > 0
    assert nicknames["=cmd()"] == 0
