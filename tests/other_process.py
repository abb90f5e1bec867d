"""The environment in which another process meets the test's own database and cache."""

import os
from pathlib import Path
from urllib.parse import quote

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def environment() -> dict[str, str]:
    """Give the variables of a process that works on what a test has committed."""
    settings = connection.settings_dict
    url = (
        f"postgresql://{quote(settings['USER'])}:{quote(settings['PASSWORD'], safe='')}"
        f"@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
    )
    return {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(ROOT), "LOG_LEVEL": "WARNING"}
