"""The page in Chromium: what happens elsewhere shows up, with a websocket and without."""

import os
import time
from contextlib import nullcontext

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from subscriptions.repositories import PaymentRepository
from tests.admin.browser import CHROMIUM
from tests.eventually import eventually
from tests.faceitbot.live.serving import served
from tests.faceitbot.live.window import LIVE
from users.repositories import UserRepository

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine"),
]
money, users = PaymentRepository(), UserRepository()


def pay(telegram_id):
    """Buy a month, as the bot's process does."""
    user = users.create_user.blocking(telegram_id)
    order = money.create_order.blocking(user.pk, "premium", "monthly")
    money.record_successful_payment.blocking(
        telegram_id, order.payload, "XTR", order.stars, f"charge-{telegram_id}"
    )


@pytest.mark.proof("live")
def test_two_windows_show_a_payment_of_another_process_at_once(
    server, cookie, open_window, full_size, report
):
    """In full size at the real pace, each payment right after a tick: it is there for the longest time."""
    payments, most = (5, 2.0) if full_size else (2, 5.0)
    with served() if full_size else nullcontext(server) as web:
        windows = [open_window(web, cookie) for _each in range(2)]
        for window in windows:
            window.wait_for_state("live")
            window.wait_for_figure("revenue", "0 ⭐")
        took = [seconds_until_seen(windows, number) for number in range(1, payments + 1)]

        load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
        report(f"two windows show a payment: {max(took):.2f} s at most, {load}")
        assert max(took) < most
        for window in windows:
            event = window.page.locator(".live-events .event-text").first
            assert event.inner_text().startswith("199\u00a0⭐ came on ")
            assert event.get_attribute("href").startswith("/admin/subscriptions/payment/")
            assert window.sockets  # and not by HTTP alone


def seconds_until_seen(windows, number):
    """Pay for the n-th time, and give how long after the commit all windows show it."""
    pay(number)
    began = time.monotonic()
    for window in windows:
        window.wait_for_figure("revenue", f"{199 * number} ⭐")
    return time.monotonic() - began


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


def test_a_socket_has_its_time_before_the_first_snapshot_is_missed(server, cookie, open_window):
    window = open_window(server, cookie)
    window.page.close()
    page = window.page = window.context.new_page()
    opened: list[str] = []
    # It opens, and says nothing.
    page.route_web_socket("**/live/socket/**", lambda socket: opened.append(socket.url))
    page.clock.install()
    page.goto(server.url + LIVE)
    page.clock.run_for(1_000)
    eventually(lambda: page.evaluate("1") and opened)

    page.clock.run_for(5_000)
    assert len(opened) == 1  # it is waited for
    page.clock.run_for(20_000)
    eventually(lambda: page.evaluate("1") and len(opened) == 2)
    page.clock.run_for(5_000)
    assert len(opened) == 2  # as is the next one, however long ago the page has heard something


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
