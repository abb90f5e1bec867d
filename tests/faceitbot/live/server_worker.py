"""A web server on what a test has committed, at a port; it tells of each snapshot that it makes.

`server_worker.py PORT TICK SILENCE`: a snapshot is made every TICK seconds, and a viewer may be silent for
SILENCE seconds.
"""

import json
import sys
import time
from collections.abc import Callable

import uvicorn
from django.conf import settings

settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
settings.STAFF_TOTP = False

from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler  # noqa: E402 - needs them

from faceitbot.asgi import application  # noqa: E402 - loads the apps
from faceitbot.live import consumer, feed  # noqa: E402
from faceitbot.live import snapshots as module  # noqa: E402
from faceitbot.live.reading import Reading  # noqa: E402
from faceitbot.live.snapshots import snapshots  # noqa: E402


def told(read: Callable[[], Reading]) -> Callable[[], Reading]:
    def read_and_tell() -> Reading:
        began = time.monotonic()
        try:
            return read()
        finally:
            print(json.dumps({"began": began, "took": time.monotonic() - began}), flush=True)

    return read_and_tell


if __name__ == "__main__":
    vars(module)["TICK_SECONDS"] = vars(feed)["TICK_SECONDS"] = float(sys.argv[2])
    consumer.SILENCE_SECONDS = float(sys.argv[3])
    snapshots._read = told(snapshots._read)
    uvicorn.run(
        ASGIStaticFilesHandler(application), port=int(sys.argv[1]), log_level="warning", access_log=False
    )
