"""Habits that keep the tree readable."""

import ast
import re
import subprocess

import pytest

from tests.architecture.sources import ROOT, modules

MOST_LINES = 500
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}


def test_no_file_is_longer_than_five_hundred_lines():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in modules()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }

    assert long == {}


def test_no_module_has_a_name_that_says_nothing():
    assert [path for path in modules() if path.stem in VAGUE or path.parent.name in VAGUE] == []


def test_every_module_of_the_product_says_what_it_is():
    silent = [
        str(path.relative_to(ROOT))
        for path in modules("product")
        if path.read_text(encoding="utf-8").strip()
        and ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None
    ]

    assert silent == []


def lines_with(pattern, *, but=()):
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in modules("product")
        if path.relative_to(ROOT).as_posix() not in but
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(pattern, line)
    ]


def test_synchronous_code_calls_blocking_instead_of_bridging():
    """`async_to_sync` around a method would wait for locks of its own caller."""
    assert lines_with(r"import.*async_to_sync|async_to_sync\(|asyncio\.run\(") == []


def test_there_is_one_clock():
    """`datetime.now` elsewhere would be naive, or a second source of time."""
    assert (
        lines_with(
            r"datetime\.(now|utcnow|today)\(|timezone\.now\(|date\.today\(", but=["faceitbot/core/clock.py"]
        )
        == []
    )


def test_the_lock_holds_what_is_asked_for():
    """Every requirement of a `.in` file is pinned with hashes in the file that is installed."""
    for wanted, locked in (
        ("requirements.in", "requirements.txt"),
        ("requirements-dev.in", "requirements-dev.txt"),
        ("bench/requirements.in", "bench/requirements.txt"),
    ):
        lock = (ROOT / locked).read_text(encoding="utf-8")
        for line in (ROOT / wanted).read_text(encoding="utf-8").splitlines():
            requirement = re.match(r"([a-z0-9-]+)(?:\[[a-z,]+\])?==([0-9.]+(?:post\d+)?)(\.?\*)?", line)
            if requirement is None:
                assert not line or line.startswith(("#", "-")), line
                continue
            name, version, any_patch = requirement.groups()
            pinned = re.search(rf"^{name}==(\S+) ", lock, re.MULTILINE)
            assert pinned, f"{name} is missing from {locked}"
            assert pinned.group(1).startswith(version) if any_patch else pinned.group(1) == version
        assert "--hash=sha256:" in lock


def test_both_locks_agree():
    def pins(name):
        text = (ROOT / name).read_text(encoding="utf-8")
        return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))

    production, development = pins("requirements.txt"), pins("requirements-dev.txt")
    peers = pins("bench/requirements.txt")

    assert production.items() <= development.items()
    assert {name: pin for name, pin in peers.items() if development.get(name, pin) != pin} == {}


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")
def test_no_secret_and_no_state_is_committed():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert not re.search(r"(?m)^(\.env$|\.venv/|\.faceitbot/|staticfiles/)", listed)
