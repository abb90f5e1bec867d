"""Asks a web process how it is, as whoever restarts and balances does."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections import Counter

from tests.eventually import eventually


class HealthAsker:
    """What the two addresses of health answer; the one of liveness is asked all the time from `begin` on."""

    def __init__(self, url):
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
        self.url = url
        self.lively = Counter[tuple[int, str | None]]()
        self._ends = threading.Event()
        self._asker = threading.Thread(target=self._ask_on)

    def begin(self):
        """Wait until it is live, and keep asking."""
        eventually(lambda: self.ask("live")[0] == 200, within=60)
        self._asker.start()

    def ask(self, what, method="GET"):
        """Give the status and what was told; a status of 0 when nobody answers."""
        request = urllib.request.Request(f"{self.url}/health/{what}", method=method)
        try:
            with self._open(request, timeout=8) as answer:
                return answer.status, json.loads(answer.read() or b"{}").get("status")
        except urllib.error.HTTPError as error:
            is_ours = error.headers["content-type"] == "application/json"
            return error.code, json.loads(error.read())["status"] if is_ours else None
        except OSError:
            return 0, None

    def seconds_until_ready_says(self, *expected, within):
        """Wait until readiness gives this status and word."""
        started = time.monotonic()
        eventually(lambda: self.ask("ready") == expected, within=within)
        return round(time.monotonic() - started, 1)

    def end(self):
        """Ask no more."""
        self._ends.set()
        self._asker.join()

    def _ask_on(self):
        while not self._ends.wait(0.1):
            self.lively[self.ask("live")] += 1
