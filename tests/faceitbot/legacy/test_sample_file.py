"""The sample file that a first start imports: the same on every machine, and clean."""

import json
import runpy
from pathlib import Path

import pytest

from tests.faceitbot.legacy.importing import run_import, stored_rows
from users.models import User

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
SAMPLE = EXAMPLES / "data.json"


def test_the_sample_is_what_its_generator_makes():
    generator = runpy.run_path(str(EXAMPLES / "make_sample.py"))

    assert json.loads(SAMPLE.read_text(encoding="utf-8")) == generator["make_sample"]()


@pytest.mark.django_db
def test_the_sample_comes_in_as_it_is_and_twice_changes_nothing():
    first = run_import(SAMPLE, as_of="2026-11-20T18:00Z")
    before = stored_rows()
    second = run_import(SAMPLE, as_of="2026-11-20T18:00Z")

    assert first.code == 0
    noted, given, counted = first.said.splitlines()
    assert noted.startswith("note expired: ")  # how many, the clock decides
    assert given == "Grants given: 91, referrals recorded: 58."
    assert counted == "500 records: 500 created, 0 updated, 0 unchanged, 0 newer in the database, 0 refused."
    assert second.said.splitlines()[-1] == (
        "500 records: 0 created, 0 updated, 500 unchanged, 0 newer in the database, 0 refused."
    )
    assert stored_rows() == before
    assert User.objects.filter(telegram_id__gt=2**32).count() > 100
    assert User.objects.filter(faceit_nickname__regex="[а-яё]").count() > 50
