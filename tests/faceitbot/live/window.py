"""The live page in a window of Chromium, and what a test waits for there."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from tests.faceitbot.live.serving import Server

LIVE = reverse("admin:live")


class Window:
    """The page in a window of its own."""

    def __init__(self, chromium: Any, server: Server, cookie: str = "") -> None:
        self.context = chromium.new_context(locale="en-US")
        cookies = {settings.LANGUAGE_COOKIE_NAME: "en"}
        if cookie:
            name, _equals, value = cookie.partition("=")
            cookies[name] = value
        self.context.add_cookies(
            [{"name": name, "value": value, "url": server.url} for name, value in cookies.items()]
        )
        self.page = self.context.new_page()
        self.sockets: list[str] = []
        self.page.on("websocket", lambda opened: self.sockets.append(opened.url))
        self.page.goto(server.url + LIVE)

    def wait_for_state(self, state: str, seconds: float = 20) -> None:
        """Wait for what the page says of itself: connecting, live, stale, ended."""
        self.page.locator(f"[data-state={state}]").wait_for(timeout=seconds * 1000)

    def wait_for_figure(self, name: str, figure: str, seconds: float = 20) -> None:
        """Wait until a card shows a figure."""
        one = self.page.locator(f'[data-figure="{name}"] .card-figure').get_by_text(figure, exact=True)
        one.wait_for(timeout=seconds * 1000)

    def wait_for_lamp(self, name: str, state: str, seconds: float = 30) -> Any:
        """Wait until a lamp is in a state, and give it."""
        lamp = self.page.locator(f'[data-lamp="{name}"][data-state="{state}"]')
        lamp.wait_for(timeout=seconds * 1000)
        return lamp
