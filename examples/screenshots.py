"""Take the pictures of the README anew, from the sample users.

    python3 dev.py run                                              # in one terminal
    python3 dev.py exec -- python examples/screenshots.py           # in another

Wants Chromium on the PATH. `--url` names the site when it is not on its usual port. The sample users have no
activity by the hour, so the script gives one of them a month of it.
"""

import argparse
import random
import shutil
import sys
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import ViewportSize, sync_playwright

import faceitbot
from faceitbot.core import clock

faceitbot.setup()

from django.contrib.auth.models import User as StaffAccount  # noqa: E402 - importable once faceitbot is set up

from users.models import User  # noqa: E402
from users.repositories import UserRepository  # noqa: E402

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
WINDOW: ViewportSize = {"width": 1366, "height": 768}
DAYS = 30
BUSY_DAYS = 0.8
# A chart is finished when it looks the same twice.
SETTLED = """() => {
    const now = document.querySelector("canvas.chart")?.toDataURL();
    const before = window.before;
    window.before = now;
    return now === before;
}"""


def make_active(user: User) -> None:
    """Give a user a month of requests, the same ones in every run; twice would be too many."""
    repository = UserRepository()
    if any(requests for _day, requests in repository.get_activity_by_day.blocking(user.pk, DAYS)):
        return
    dice = random.Random(2)
    now = clock.now()
    busy = [age for age in range(1, DAYS) if dice.random() < BUSY_DAYS]
    repository.bulk_update_activity.blocking(
        {
            "user_id": user.telegram_id,
            "timestamp": now - timedelta(days=age),
            "requests": dice.randint(2, 24),
        }
        for age in busy
    )


def session_of_staff() -> str:
    """Sign the first superuser in and give the key of the session."""
    client = Client()
    client.force_login(StaffAccount.objects.filter(is_superuser=True).earliest("pk"))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the site is (%(default)s)")
    site = parser.parse_args().url.rstrip("/")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("There is no Chromium on the PATH.", file=sys.stderr)
        return 1
    user = User.objects.linked().last_active_first().first()
    if user is None:
        print("There are no users; start the site with `python3 dev.py run` first.", file=sys.stderr)
        return 1
    make_active(user)
    session = session_of_staff()
    pages = {
        "overview": reverse("admin:index"),
        "users": reverse("admin:users_user_changelist"),
        "user": reverse("admin:users_user_change", args=[user.pk]),
    }
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport=WINDOW, locale="en-US")
        page = context.new_page()
        page.goto(site + reverse("admin:login"), wait_until="networkidle")
        page.screenshot(path=IMAGES / "login.png")
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}])
        for name, path in pages.items():
            page.goto(site + path, wait_until="networkidle")
            page.wait_for_function(SETTLED, polling=300)
            page.screenshot(path=IMAGES / f"{name}.png")
        browser.close()
    print(f"4 pictures are in {IMAGES.relative_to(Path.cwd())}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
