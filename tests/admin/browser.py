"""A real browser, and an ear for what goes wrong in it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
# The sandbox needs rights that containers and root lack; the rest keeps the browser itself off the network.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Complaints:
    """What a browser complained about since the last look."""

    own: str
    heard: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        """Hear script errors, refused content, failed requests and requests to other hosts."""
        page.on("console", lambda said: self._hear(said.type in {"error", "warning"}, said.text))
        page.on("pageerror", lambda error: self._hear(True, f"script: {error}"))
        page.on("request", lambda sent: self._hear(not sent.url.startswith((self.own, "data:")), sent.url))
        page.on("response", lambda got: self._hear(got.status >= 400, f"{got.status} {got.url}"))

    def _hear(self, wrong: bool, text: str) -> None:
        if wrong:
            self.heard.append(text)


@contextmanager
def browser() -> Iterator[Any]:
    """Give a running Chromium."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield started
        finally:
            started.close()
