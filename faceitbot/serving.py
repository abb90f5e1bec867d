"""`python -m faceitbot.serving`: a web process, on one port.

uvicorn with what belongs to us, and with an end in good order that is one: on SIGTERM it answers what has
come for a while, lets go of who watches, writes what is held back, and exits with 0.
"""

import argparse
import signal
import sys

import uvicorn

STARTUP_FAILED = 3


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m faceitbot.serving", description="Serve the pages of staff."
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="(%(default)s)")
    parser.add_argument(
        "--graceful-seconds",
        type=int,
        default=10,
        metavar="SECONDS",
        help="how long requests may go on after SIGTERM or Ctrl-C (%(default)s)",
    )
    options = parser.parse_args()
    server = uvicorn.Server(
        uvicorn.Config(
            "faceitbot.asgi:application",
            host=options.host,
            port=options.port,
            access_log=False,
            log_level="warning",
            proxy_headers=False,  # `BEHIND_PROXY` decides whom to believe, and Django reads it
            timeout_graceful_shutdown=options.graceful_seconds,
        )
    )
    # Once it has ended, uvicorn raises the signal again, for whoever handled it before: that would kill us.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, server.handle_exit)
    server.run()
    if not server.started:
        sys.exit(STARTUP_FAILED)


if __name__ == "__main__":
    main()
