"""The looks in which pages are looked at: small in the suite, all of them and kept in full size."""

import shutil
from pathlib import Path

import pytest
from django.conf import settings

from tests.admin.browser import DESK, PHONE

ROOT = Path(settings.BASE_DIR)
LOOKS = {
    "desk": (DESK, "light", "ru"),
    "dark": (DESK, "dark", "ru"),
    "phone": (PHONE, "light", "ru"),
    "english": (DESK, "light", "en"),
}
README = {
    "overview_desk",
    "user_desk",
    "payment_dark",
    "story_never_paid_desk_answer",
    "analysis_desk",
    "player_dark",
    "live_dark",
}
# A chart is finished when it looks the same twice.
SETTLED = """() => {
    const now = [...document.querySelectorAll("canvas")].map((one) => one.toDataURL()).join();
    const before = window.before;
    window.before = now;
    return now === before;
}"""
# What sticks out of the window, but for what scrolls within its own frame.
STICKING_OUT = """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
    [...document.querySelectorAll("body *")]
        .filter((one) => one.getBoundingClientRect().right > window.innerWidth)
        .map((one) => `${one.tagName}.${one.className} ${one.textContent.trim().slice(0, 40)}`)
        .slice(0, 12)"""


@pytest.fixture
def looks(full_size):
    """How the pages are looked at: in all ways, or where they are narrowest."""
    return LOOKS if full_size else {name: LOOKS[name] for name in ("phone",)}


@pytest.fixture
def take(full_size, tmp_path):
    """Give a function that takes the picture of a page."""
    folder = ROOT / "pictures" if full_size else tmp_path

    def take_one(page, name):
        page.wait_for_function(SETTLED, polling=300)
        out = page.evaluate(STICKING_OUT)
        assert not out, f"{name} is wider than its window: {out}"
        folder.mkdir(exist_ok=True)
        file = folder / f"{name}.png"
        page.screenshot(path=file)
        if full_size and name in README:
            shutil.copy(file, ROOT / "docs" / "images" / file.name)

    return take_one


@pytest.fixture
def look_at(open_page):
    """Give a function that opens a page in a look."""

    def open_in(look, path, account=None):
        size, scheme, language = LOOKS[look]
        return open_page(path, account=account, size=size, scheme=scheme, language=language)

    return open_in
