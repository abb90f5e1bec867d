"""The units of ops/systemd: systemd understands them, and what they start is there."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.faceitbot.operations.production import DOCUMENT, blocks
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
    words = [*started.replace("%i", "8001").split(), "--help"]
    if "examples.aiogram_bot" in words:
        words = ["-c", "import examples.aiogram_bot"]  # it takes none, and begins at once

    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr
    assert all(word in done.stdout for word in words if word.startswith("--") and word != "--help")


def steps_of_installing():
    """Give who runs each command of the document, in its order, and the command."""
    paragraph = DOCUMENT.read_text(encoding="utf-8").partition("\n## Installing\n")[2].partition("\n## ")[0]
    found = re.findall(
        r"As (root|the account)\b[^`]*(?:`[^`]+`[^`]*)*```text\n(.*?)```", paragraph, re.DOTALL
    )
    return [(who, line) for who, block in found for line in block.splitlines()]


def test_each_step_of_installing_is_taken_by_somebody_who_can():
    steps = steps_of_installing()

    assert [line for _who, line in steps] == "".join(blocks("Installing")).splitlines()
    of_root = {line for who, line in steps if who == "root"}
    assert of_root == {
        line for _who, line in steps if re.search(r"/etc/|systemctl|useradd|install -[dm]|apt-get|sudo", line)
    }


def test_what_units_read_and_import_is_there_before_they_start():
    lines = [line for _who, line in steps_of_installing()]
    started = next(place for place, line in enumerate(lines) if "systemctl enable" in line)
    configured = next(place for place, line in enumerate(lines) if "manage.py" in line)
    files = {
        name
        for unit in UNITS
        for name in re.findall(r"EnvironmentFile=(\S+)", unit.read_text(encoding="utf-8"))
    }

    made = {
        (ROOT / line.split()[-2], line.split()[-1]) for line in lines[:configured] if "install -m" in line
    }
    assert {target for _source, target in made} == files
    assert all(source.is_file() for source, _target in made)
    (aiogram,) = re.findall(r"(?m)^aiogram\S+", (ROOT / "requirements-dev.in").read_text(encoding="utf-8"))
    assert any(aiogram in line for line in lines[:started])


def test_the_bots_own_file_names_what_the_bot_reads():
    bot = (ROOT / "examples" / "aiogram_bot.py").read_text(encoding="utf-8")
    named = re.findall(r"(?m)^(\w+)=", (ROOT / "ops" / "bot.env").read_text(encoding="utf-8"))

    assert named == re.findall(r'os\.environ\["(\w+)"\]', bot)


@pytest.mark.parametrize("name", [".env.example", "ops/bot.env"])
def test_a_shell_reads_the_files_of_the_environment_as_systemd_does(name):
    done = subprocess.run(
        ["bash", "-euc", f"set -a; . ./{name}; env -0"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    read = dict(line.split("=", 1) for line in done.stdout.split("\0") if line)
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    written = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    assert {key: read[key] for key in written} == written
