"""Start and end of a process that is not Django's own: the bot, a script."""

import asyncio
import gc
import os
from importlib.util import find_spec
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent


def setup() -> None:
    """Make the repositories importable; calling it again changes nothing.

    From its eleventh second on, the process writes down now and then how it is (`ProcessSample`).

    Errors: `ImproperlyConfigured` for missing or wrong settings, `ImportError` when a module of the caller
    hides one of our packages.
    """
    import django  # noqa: PLC0415 - importing faceitbot must not need Django
    from django.apps import apps  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415

    from faceitbot.env import refuse_wrong_environment  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "faceitbot.settings")
    if apps.ready:
        return
    for name in settings.INSTALLED_APPS:
        if "." not in name and (_ROOT / name).is_dir():
            _refuse_shadow(name)
    refuse_wrong_environment(settings.ENVIRONMENT_PROBLEMS)
    django.setup()

    from faceitbot.core import cache  # noqa: PLC0415 - needs the settings
    from faceitbot.core.models import ProcessKind  # noqa: PLC0415 - needs the apps
    from faceitbot.core.monitoring import watching  # noqa: PLC0415 - the same

    cache.doubt_everything()
    watching.start(ProcessKind.BOT)
    # What is loaded stays. To go through it in every full collection holds up the event loop for longer than
    # any statement does.
    gc.collect()
    gc.freeze()


def serve_metrics(port: int, address: str = "127.0.0.1") -> int:
    """Serve the bot's metrics for Prometheus over HTTP until `close`; give the port, chosen if it was 0.

    Anybody who reaches the address may read them. Errors: `OSError` when the port is taken.
    """
    from faceitbot.core.monitoring import exposing  # noqa: PLC0415 - needs `setup`

    return exposing.serve_metrics(port, address)


def watch_web() -> None:
    """Watch this web process and the event loop that calls; `close` ends it."""
    from faceitbot.core.models import ProcessKind  # noqa: PLC0415 - needs the apps
    from faceitbot.core.monitoring import event_loops, watching  # noqa: PLC0415 - the same

    event_loops.watch.notice(asyncio.get_running_loop())
    watching.start(ProcessKind.WEB)


async def close() -> None:
    """Write what is held back, let running calls end, refuse waiting ones, and give back every connection;
    `setup`'s counterpart.
    """
    from faceitbot.core import cache, statements, transactions  # noqa: PLC0415 - needs `setup`
    from faceitbot.core.monitoring import exposing, watching  # noqa: PLC0415 - the same

    await asyncio.to_thread(watching.stop)
    await asyncio.to_thread(exposing.close_ports)
    await asyncio.to_thread(_drain)
    await cache.settle_links()  # its readers may be about to load
    await statements.close_line()
    await asyncio.to_thread(transactions.shutdown)
    await cache.close()


def _drain() -> None:
    """Write what is held back. The thread ends with the loop, and its connection would be lost with it."""
    from django.db import connections  # noqa: PLC0415 - needs `setup`

    from faceitbot.core import closing  # noqa: PLC0415 - the same

    try:
        closing.drain_everything()
    finally:
        connections.close_all()


def _refuse_shadow(package: str) -> None:
    spec = find_spec(package)
    origin = Path(spec.origin).resolve() if spec and spec.origin else None
    if origin is None or not origin.is_relative_to(_ROOT / package):
        raise ImportError(
            f"{origin or package} hides faceitbot's package {package!r}: rename it, or import the bot's own "
            f"modules from a package of their own",
            name=package,
        )
