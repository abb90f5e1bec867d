"""The page in Chromium: what happens elsewhere shows up, and what breaks is told and mends itself."""

import os
import signal
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.urls import reverse

from faceitbot.embedded.accounts import server_account
from faceitbot.embedded.binaries import valkey_server
from faceitbot.embedded.state import State, state_folder
from faceitbot.embedded.valkey import valkey
from subscriptions.repositories import PaymentRepository
from tests.admin.browser import CHROMIUM, browser
from tests.faceitbot.live.serving import served
from tests.other_process import ROOT
from users.repositories import UserRepository

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine"),
]
LIVE = reverse("admin:live")
money, users = PaymentRepository(), UserRepository()


@pytest.fixture(scope="module")
def chromium():
    with pytest.MonkeyPatch.context() as patch, browser() as started:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield started


class Window:
    """The page in a window of its own."""

    def __init__(self, chromium, server, cookie):
        self.context = chromium.new_context(locale="en-US")
        name, _equals, value = cookie.partition("=")
        self.context.add_cookies(
            [
                {"name": name, "value": value, "url": server.url},
                {"name": settings.LANGUAGE_COOKIE_NAME, "value": "en", "url": server.url},
            ]
        )
        self.page = self.context.new_page()
        self.sockets: list[str] = []
        self.page.on("websocket", lambda opened: self.sockets.append(opened.url))
        self.page.goto(server.url + LIVE)

    def wait_for_state(self, state, seconds=20):
        self.page.locator(f"[data-state={state}]").wait_for(timeout=seconds * 1000)

    def wait_for_figure(self, name, figure, seconds=20):
        one = self.page.locator(f'[data-figure="{name}"] .card-figure').get_by_text(figure, exact=True)
        one.wait_for(timeout=seconds * 1000)

    def wait_for_lamp(self, name, state, seconds=30):
        lamp = self.page.locator(f'[data-lamp="{name}"][data-state="{state}"]')
        lamp.wait_for(timeout=seconds * 1000)
        return lamp


@pytest.fixture
def open_window(chromium):
    """Give a function that opens the page; what it has opened is closed."""
    with ExitStack() as opened:

        def open_one(server, cookie):
            window = Window(chromium, server, cookie)
            opened.callback(window.context.close)
            return window

        yield open_one


@pytest.fixture
def mortal_valkey():
    """A Valkey that may be stopped and started: (its URL, stop, start)."""
    account, spare = server_account(), State(state_folder(ROOT)).folder / "programs"
    with tempfile.TemporaryDirectory(
        prefix="faceitbot-", dir="/tmp" if os.geteuid() == 0 else None
    ) as folder:
        program, running = valkey_server(account, spare), ExitStack()

        def start():
            return running.enter_context(valkey(State(Path(folder)), program, account))

        url = start()
        yield url, running.close, start
        running.close()


def pay(telegram_id, tier="premium"):
    """Buy a month, as the bot's process does."""
    user = users.create_user.blocking(telegram_id)
    order = money.create_order.blocking(user.pk, tier, "monthly")
    money.record_successful_payment.blocking(
        telegram_id, order.payload, "XTR", order.stars, f"charge-{telegram_id}"
    )


def test_two_windows_show_a_payment_of_another_process_at_once(server, cookie, open_window, report):
    windows = [open_window(server, cookie) for _each in range(2)]
    for window in windows:
        window.wait_for_state("live")
        window.wait_for_figure("revenue", "0 ⭐")

    pay(7)
    began = time.monotonic()
    for window in windows:
        window.wait_for_figure("revenue", "199 ⭐")
    seconds = time.monotonic() - began
    pay(8, "pro")
    for window in windows:
        window.wait_for_figure("revenue", "498 ⭐")

    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    report(f"two windows show a payment: {seconds:.2f} s, {load}")
    for window in windows:
        event = window.page.locator(".live-events .event-text").first
        assert event.inner_text().startswith("299\u00a0⭐ came on ")
        assert event.get_attribute("href").startswith("/admin/subscriptions/payment/")
        assert len(window.sockets) == 1


def test_without_valkey_the_page_goes_on_and_its_lamp_tells(cookie, open_window, mortal_valkey):
    url, stop, start = mortal_valkey
    with served(REDIS_URL=url) as server:
        window = open_window(server, cookie)
        window.wait_for_lamp("cache", "fine")

        stop()
        lamp = window.wait_for_lamp("cache", "down")
        lamp.locator("summary").click()
        assert "Valkey does not answer" in lamp.locator(".lamp-sentence").inner_text()
        pay(7)
        window.wait_for_figure("revenue", "199 ⭐")
        assert window.page.locator("[data-state=live]").is_visible()

        start()
        window.wait_for_lamp("cache", "fine")
        assert len(window.sockets) == 1


def test_a_server_that_freezes_makes_the_page_stale_until_it_goes_on(cookie, open_window):
    with served() as server:
        window = open_window(server, cookie)
        window.wait_for_state("live")

        server.process.send_signal(signal.SIGSTOP)
        try:
            window.wait_for_state("stale", 30)
            assert window.page.locator(".live-words").inner_text().startswith("Stale since ")
        finally:
            server.process.send_signal(signal.SIGCONT)
        window.wait_for_state("live", 40)


def test_where_no_websocket_comes_through_snapshots_come_over_http(server, cookie, open_window, chromium):
    window = open_window(server, cookie)
    window.page.close()
    window.page = window.context.new_page()
    asked: list[int] = []
    window.page.route_web_socket("**/live/socket/**", lambda socket: socket.close())
    window.page.on("response", lambda got: "snapshot" in got.url and asked.append(got.status))
    window.page.goto(server.url + LIVE)

    window.wait_for_figure("revenue", "0 ⭐")
    pay(7)
    window.wait_for_figure("revenue", "199 ⭐")
    window.wait_for_state("live")
    with window.page.expect_response(lambda got: "snapshot" in got.url and got.status == 304, timeout=20_000):
        pass
    assert {200, 304} >= set(asked)


def test_somebody_who_is_signed_out_is_told_to_sign_in(server, cookie, open_window):
    window = open_window(server, cookie)
    window.wait_for_state("live")

    Session.objects.all().delete()

    window.wait_for_state("ended", 30)
    assert "signed out" in window.page.locator(".live-words").inner_text()
    window.page.get_by_role("link", name="Sign in").click()
    window.page.wait_for_url(f"**{reverse('admin:login')}**")


def test_a_page_of_another_host_gets_nothing(server, cookie, chromium):
    """A browser sends its cookie along from any page of the same site."""
    context = chromium.new_context()
    name, _equals, value = cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": server.url}])
    page = context.new_page()
    page.route(
        "http://127.0.0.1:9/",
        lambda route: route.fulfill(body="<title>evil</title>", content_type="text/html"),
    )
    page.goto("http://127.0.0.1:9/")

    ended = page.evaluate(
        """(address) => new Promise((done) => {
            const socket = new WebSocket(address);
            socket.onmessage = () => done("told");
            socket.onclose = () => done("refused");
        })""",
        f"ws://127.0.0.1:{server.port}/admin/live/socket/",
    )

    context.close()
    assert ended == "refused"
