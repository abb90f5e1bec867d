"""Backend of a Telegram bot that analyses FACEIT CS2 matches.

A bot calls `setup()` once, imports the repositories, and awaits `close()` before it ends::

    import faceitbot

    faceitbot.setup()
    from users.repositories import UserRepository

Importing this package reads no settings and does not need Django to be configured.
"""

from faceitbot.bootstrap import close, serve_metrics, setup
from faceitbot.version import __version__

__all__ = ["__version__", "close", "serve_metrics", "setup"]
