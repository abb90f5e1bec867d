"""How long the process of the jobs waits for a connection: nobody waits for an answer of it."""

from django.db import DEFAULT_DB_ALIAS, connections

CONNECT_SECONDS = 10


def wait_longer() -> None:
    """Let the connections of this process take ten seconds to be there; to be said before the first one.

    The checks of health keep their own, shorter time.
    """
    options = connections.settings[DEFAULT_DB_ALIAS]["OPTIONS"]
    options["connect_timeout"] = max(options["connect_timeout"], CONNECT_SECONDS)
    options["pool"] = {**options["pool"], "timeout": max(options["pool"]["timeout"], CONNECT_SECONDS)}
