"""The databases of the server that is measured."""

import os
from urllib.parse import urlsplit, urlunsplit


def url_of(database: str) -> str:
    """Give the URL of a database of the server."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}"))
