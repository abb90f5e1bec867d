"""The units of ops/systemd: systemd understands them, and what they start is there."""

import re
import shutil
import subprocess
import sys

import pytest

from tests.other_process import ROOT

UNITS = sorted((ROOT / "ops" / "systemd").glob("*.service"))
ANALYZE = shutil.which("systemd-analyze") or ""


@pytest.fixture
def units(tmp_path):
    """The units, as if /srv/faceitbot were this checkout."""
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/srv/faceitbot/.venv/bin/python", sys.executable)
        name = unit.name.replace("@.", "@8001.")
        (tmp_path / name).write_text(text.replace("/srv/faceitbot", str(ROOT)), encoding="utf-8")
    return tmp_path


@pytest.mark.skipif(not ANALYZE, reason="there is no systemd-analyze on this machine")
def test_systemd_finds_nothing_wrong(units):
    files = sorted(map(str, units.iterdir()))

    done = subprocess.run(
        [ANALYZE, "verify", "--man=no", *files], capture_output=True, text=True, timeout=60, check=False
    )

    told = [line for line in done.stderr.splitlines() if "faceitbot" in line]
    assert (done.returncode, told) == (0, []), done.stderr
    assert len(files) == 3


@pytest.mark.skipif(not ANALYZE, reason="there is no systemd-analyze on this machine")
def test_control_systemd_finds_a_misspelt_setting(units):
    unit = units / "faceitbot-jobs.service"
    unit.write_text(unit.read_text(encoding="utf-8").replace("Restart=", "Restarts="), encoding="utf-8")

    done = subprocess.run(
        [ANALYZE, "verify", "--man=no", str(unit)], capture_output=True, text=True, timeout=60, check=False
    )

    assert "Restarts" in done.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_what_a_unit_starts_is_there_and_takes_its_arguments(unit):
    started = re.search(r"ExecStart=\S+/python (.*)", unit.read_text(encoding="utf-8")).group(1)
    words = started.replace("%i", "8001").split()
    if "examples.aiogram_bot" in words:
        assert (ROOT / "examples" / "aiogram_bot.py").is_file()
        return

    done = subprocess.run(
        [sys.executable, *words, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr
    assert all(word in done.stdout for word in words if word.startswith("--"))
