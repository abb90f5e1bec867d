"""The page that stays open, in every look, filled over its websocket by a server in another process."""

import pytest
from django.urls import reverse

from examples import busy_month, nine_stories, sample_matches
from faceitbot.core import clock
from tests.admin import busy_hours
from tests.admin.browser import CHROMIUM
from tests.faceitbot.live.serving import served
from users.models import User

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine"),
    pytest.mark.proof("pictures"),
]
PLAYING = 12


@pytest.fixture
def site_url(transactional_db):
    """A server that speaks websockets, too."""
    with served() as server:
        yield server.url


@pytest.fixture
def a_month(staff):
    """A month of forty users; others wait for an answer of support."""
    now = clock.now()
    busy_month.fill(now, staff)
    nine_stories.tell(now, nine_stories.Telegram())
    linked = User.objects.filter(faceit_player_id__isnull=False).order_by("telegram_id")
    sample_matches.fill(now, linked[:PLAYING])
    busy_hours.fill(now)


def test_the_page_that_stays_open_fits_every_window(look_at, take, looks, staff, a_month):
    for look in looks:
        page = look_at(look, reverse("admin:live"), staff)
        page.locator("[data-state=live]").wait_for()
        take(page, f"live_{look}")
        page.locator("[data-lamp=jobs] summary").click()
        page.locator(".live-events").scroll_into_view_if_needed()
        take(page, f"live_{look}_below")
