"""Every page in every look: it fits the window, and the browser complains of nothing.

`python3 dev.py prove pictures` keeps the pictures in `pictures/`, and those of the README in `docs/images/`.
"""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from examples import busy_month, nine_stories
from examples.support_desk import STEPS, Desk
from faceitbot.core import clock
from subscriptions.models import Payment, StarSync
from tests.admin.browser import CHROMIUM, DESK, PHONE
from tests.admin.roles import member

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine"),
    pytest.mark.proof("pictures"),
]
ROOT = Path(settings.BASE_DIR)
LOOKS = {
    "desk": (DESK, "light", "ru"),
    "dark": (DESK, "dark", "ru"),
    "phone": (PHONE, "light", "ru"),
    "english": (DESK, "light", "en"),
}
README = {"overview_desk", "user_desk", "payment_dark", "story_wrong_amount_desk_answer"}
# A chart is finished when it looks the same twice.
SETTLED = """() => {
    const now = [...document.querySelectorAll("canvas")].map((one) => one.toDataURL()).join();
    const before = window.before;
    window.before = now;
    return now === before;
}"""
FITS = "() => document.documentElement.scrollWidth <= window.innerWidth"


@pytest.fixture
def looks(full_size):
    """How the pages are looked at: in all ways, or in two."""
    return LOOKS if full_size else {name: LOOKS[name] for name in ("dark", "phone")}


@pytest.fixture
def take(full_size, tmp_path):
    """Give a function that takes the picture of a page."""
    folder = ROOT / "pictures" if full_size else tmp_path

    def take_one(page, name):
        page.wait_for_function(SETTLED, polling=300)
        assert page.evaluate(FITS), f"{name} is wider than its window"
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


@pytest.fixture
def star(staff):
    """The user who has most to show, in a month of forty; others wait for an answer of support."""
    now = clock.now()
    user = busy_month.fill(now, staff)
    nine_stories.tell(now, nine_stories.Telegram())
    return user


def pages(star):
    in_review = Payment.objects.filter(status="needs_review").earliest("created_at")
    lists = ("users_user", "subscriptions_payment", "subscriptions_grant", "core_auditentry")
    return {
        "overview": reverse("admin:index"),
        "user": reverse("admin:users_user_change", args=[star.pk]),
        "payment": reverse("admin:subscriptions_payment_change", args=[in_review.pk]),
        "month": reverse("admin:month_report"),
        **{f"list_{name}": reverse(f"admin:{name}_changelist") for name in lists},
    }


def test_every_page_fits_every_window(look_at, take, looks, staff, star):
    for look in looks:
        take(look_at(look, reverse("admin:login")), f"login_{look}")
        for name, path in pages(star).items():
            take(look_at(look, path, staff), f"{name}_{look}")


def test_every_story_is_told_in_every_window(look_at, take, looks, live_server):
    now = clock.now()
    stories = nine_stories.tell(now, nine_stories.Telegram())
    StarSync.objects.update_or_create(id=1, defaults={"finished_at": now - timedelta(minutes=20)})
    account = member("support")
    for story in stories:
        for look in looks:
            page = look_at(look, reverse("admin:index"), account)

            def picture(where, page=page, name=f"story_{story.name}_{look}"):
                take(page, f"{name}_{where}")

            acts = look == "phone" or STEPS[story.name] is None  # a second time there would be nothing to do
            sentence = Desk(page, live_server.url + reverse("admin:index"), picture).solve(story, acts=acts)
            assert sentence
