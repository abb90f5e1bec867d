"""The documents lead where they say, and every decision has the same shape."""

import re
import subprocess

import pytest

from tests.architecture.sources import ROOT

DOCUMENTS = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("0*.md"))


def text_of(path):
    """Give a document without its blocks of code."""
    return re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def anchors_of(path):
    """Give the names that a page's headings can be reached by."""
    titles = re.findall(r"(?m)^#+ (.+)$", text_of(path))
    return {re.sub(r"[^\w\s-]", "", title.lower()).replace(" ", "-") for title in titles}


def leads_somewhere(page, target):
    file, _hash, anchor = target.partition("#")
    there = page.parent / file if file else page
    return there.exists() and (not anchor or anchor in anchors_of(there))


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    targets = re.findall(r"\]\(([^)\s]+)\)", text_of(page))

    assert [each for each in targets if "://" not in each and not leads_somewhere(page, each)] == []


def test_a_link_to_nothing_is_found_out():
    page = ROOT / "README.md"

    assert leads_somewhere(page, "docs/operations.md#disk-full")
    assert not leads_somewhere(page, "docs/operations.md#disk-empty")
    assert not leads_somewhere(page, "docs/operation.md")


@pytest.mark.parametrize("page", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_what_it_was_about_what_was_chosen_and_what_it_costs(page):
    text = page.read_text(encoding="utf-8")

    assert re.match(rf"# {int(page.name[:4])}\. \S", text)
    assert re.findall(r"\*\*(Context|Choice|Cost)\.\*\*", text) == ["Context", "Choice", "Cost"]


def test_every_decision_is_in_their_list():
    listed = re.findall(r"\]\((0[^)]+)\)", (ROOT / "docs" / "decisions" / "README.md").read_text("utf-8"))

    assert listed == [page.name for page in DECISIONS]
