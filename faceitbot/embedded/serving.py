"""Waits for a web server of our own to answer."""

import time
import urllib.error
import urllib.request

from faceitbot.embedded.errors import StartError
from faceitbot.embedded.processes import Child

SECONDS_TO_SERVE = 60


def wait_until_served(web: Child, url: str) -> None:
    """Return once an address answers without an error; `StartError` if that does not come to pass."""
    begun = time.monotonic()
    open_directly = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
    said = "nothing"
    while web.is_running():
        try:
            with open_directly(url, timeout=5):
                return
        except urllib.error.HTTPError as error:
            said = str(error)
        except OSError:
            pass  # not listening yet
        if time.monotonic() - begun > SECONDS_TO_SERVE:
            raise StartError(f"The web server answered {said} for {SECONDS_TO_SERVE} s at {url}.")
        time.sleep(0.05)
    raise StartError("The web server did not start; its last words stand above.")
