"""Free ports on the loopback interface."""

import errno
import socket
from collections.abc import Iterator

LOOPBACK = "127.0.0.1"
ATTEMPTS = 5


def is_free(host: str, port: int) -> bool:
    """Tell whether no server listens there now.

    Errors: OSError for an address that cannot be listened on at all.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do, so that connections of an ended server do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return False
    return True


def candidates(remembered: int | None) -> Iterator[int]:
    """Give ports to try one after the other: the remembered one, then such as are free at this moment."""
    if remembered is not None:
        yield remembered
    for _ in range(ATTEMPTS):
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            port = int(probe.getsockname()[1])
        yield port
