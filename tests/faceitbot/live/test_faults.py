"""What the page says while a server is away, and that it goes on by itself. On servers of its own."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.urls import reverse

from tests.admin.browser import CHROMIUM
from tests.core.cache.faults import Valkey
from tests.database_faults import Stopped, frozen, own_servers, successors_of_servers
from tests.faceitbot.health.asking import HealthAsker
from tests.faceitbot.live.serving import served
from tests.faceitbot.live.window import Window
from tests.other_process import ROOT

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine")
PASSWORD = "a long secret 7"


@pytest.fixture(scope="module")
def variables():
    with own_servers() as given:
        command = [sys.executable, str(Path(ROOT) / "manage.py"), "ensure_staff_login", "boss"]
        subprocess.run(command, env=given, input=PASSWORD, text=True, check=True, capture_output=True)
        yield given


@pytest.fixture(scope="module")
def valkey(variables):
    server = Valkey(variables["REDIS_URL"])
    yield server
    server.end()


@pytest.fixture(scope="module")
def successors(variables):
    with successors_of_servers() as started:
        yield started


@pytest.fixture(scope="module")
def server(variables):
    with served(**variables) as running:
        yield running


@pytest.fixture(scope="module")
def window(server, chromium):
    """The page, live, of somebody who has signed in; it stays open through all that happens."""
    opened = Window(chromium, server)
    page = opened.page
    page.fill("input[name=username]", "boss")
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(f"**{reverse('admin:live')}")
    opened.wait_for_state("live")
    yield opened
    opened.context.close()


def shown_at(window):
    return window.page.locator("#live").get_attribute("data-at")


def test_without_valkey_the_page_goes_on_and_its_lamp_tells(window, valkey):
    window.wait_for_lamp("cache", "fine")

    valkey.kill()
    try:
        lamp = window.wait_for_lamp("cache", "down")
        lamp.locator("summary").click()
        assert "Valkey does not answer" in lamp.locator(".lamp-sentence").inner_text()
        assert lamp.locator(".lamp-sentence").get_attribute("href") == f"{reverse('admin:health')}#cache"
        before = shown_at(window)
        window.page.wait_for_function(
            "(before) => document.querySelector('#live').dataset.at > before", arg=before
        )
        window.wait_for_state("live")
    finally:
        valkey.start()
    window.wait_for_lamp("cache", "fine")
    assert window.sockets  # and not by HTTP alone


def test_without_the_database_the_page_says_how_old_its_figures_are(window, variables):
    old = window.page.locator(".live-old")
    with frozen(variables):
        lamp = window.wait_for_lamp("database", "down")
        lamp.locator("summary").click()
        assert "not answer" in lamp.locator(".lamp-sentence").inner_text()
        old.get_by_text("The database does not answer: the figures are those of").wait_for()
        window.wait_for_figure("revenue", "0 ⭐")

    window.wait_for_lamp("database", "fine")
    old.wait_for(state="hidden")
    window.wait_for_state("live")


def test_a_database_that_is_stopped_and_started_again(window, server, variables, successors, report):
    health, old = HealthAsker(server.url), window.page.locator(".live-old")
    health.begin()
    stopped = Stopped(variables)
    try:
        unready = health.seconds_until_ready_says(503, "down", within=12)
        window.wait_for_lamp("database", "down")
        old.get_by_text("The database does not answer: the figures are those of").wait_for()
        window.wait_for_figure("revenue", "0 ⭐")
        before = shown_at(window)
    finally:
        successors.append(stopped.start())
    began = time.monotonic()
    ready = health.seconds_until_ready_says(200, "fine", within=12)
    window.wait_for_lamp("database", "fine")
    old.wait_for(state="hidden")
    window.wait_for_state("live")
    seconds = time.monotonic() - began
    health.end()

    assert shown_at(window) > before
    assert set(health.lively) == {(200, "live")}
    report(
        f"PostgreSQL stopped under the page: 503 after {unready} s; started: 200 after {ready} s, "
        f"the page shows the present after {seconds:.1f} s"
    )


def test_a_web_server_that_freezes_makes_the_page_stale_until_it_goes_on(window, server):
    server.process.send_signal(signal.SIGSTOP)
    try:
        window.wait_for_state("stale", 30)
        assert window.page.locator(".live-words").inner_text().startswith("Stale since ")
    finally:
        server.process.send_signal(signal.SIGCONT)
    window.wait_for_state("live", 40)
