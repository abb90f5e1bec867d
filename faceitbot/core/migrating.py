"""Migrations may take long, but must not make the whole site wait for a lock."""

from typing import Any

from django.db import connections

DDL_LOCK_SECONDS = 5


def relax_timeouts(*, using: str, **_: Any) -> None:
    """Let this session's statements take as long as they need, but give up a lock early."""
    with connections[using].cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
        cursor.execute(f"SET lock_timeout = '{DDL_LOCK_SECONDS}s'")


def restore_timeouts(*, using: str, **_: Any) -> None:
    """Give the session its ordinary timeouts back."""
    with connections[using].cursor() as cursor:
        for name in ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"):
            cursor.execute(f"RESET {name}")
