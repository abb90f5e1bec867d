"""Start and end of a process that is not Django's own: the bot, a script."""

import asyncio
import os
from importlib.util import find_spec
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent


def setup() -> None:
    """Make the repositories importable; calling it again changes nothing.

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

    cache.doubt_everything()


async def close() -> None:
    """Write what is held back, let running calls end, refuse waiting ones, and give back every connection;
    `setup`'s counterpart.
    """
    from faceitbot.core import cache, closing, statements, transactions  # noqa: PLC0415 - needs `setup`

    await asyncio.to_thread(closing.drain_everything)
    await statements.close_line()
    await asyncio.to_thread(transactions.shutdown)
    await cache.close()


def _refuse_shadow(package: str) -> None:
    spec = find_spec(package)
    origin = Path(spec.origin).resolve() if spec and spec.origin else None
    if origin is None or not origin.is_relative_to(_ROOT / package):
        raise ImportError(
            f"{origin or package} hides faceitbot's package {package!r}: rename it, or import the bot's own "
            f"modules from a package of their own",
            name=package,
        )
