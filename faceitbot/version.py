"""The version of the package: the newest heading of CHANGELOG.md."""

import re
from importlib import metadata
from pathlib import Path

_CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"


def read_version() -> str:
    """Give the newest version that the changelog names, else the installed one."""
    if _CHANGELOG.is_file():
        heading = re.search(r"^## (\d+\.\d+\.\d+)", _CHANGELOG.read_text(encoding="utf-8"), re.MULTILINE)
        if heading:
            return heading.group(1)
    return metadata.version("faceitbot")


__version__ = read_version()
