"""Sees that a coroutine would wait for its own caller's transaction.

A synchronous caller inside a transaction that starts an event loop, by `async_to_sync` or `asyncio.run`,
stands still until the loop ends. A method awaited there would wait, on another connection, for locks that
this caller holds. (A loop in a thread that the caller has made itself is not seen.)
"""

import threading
from typing import Any
from weakref import WeakKeyDictionary

from asgiref.sync import AsyncToSync
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from faceitbot.core import workers

_opened: WeakKeyDictionary[threading.Thread, BaseDatabaseWrapper] = WeakKeyDictionary()


def refuse_inside_transaction(name: str) -> None:
    """Refuse to await a method while a thread that waits for us has a transaction open.

    Errors: `RuntimeError`, for it is a bug of the caller.
    """
    if workers.workers().bound:
        return  # a test's own transaction, which the worker thread shares
    threads = [threading.current_thread()]
    # asgiref keeps the waiting caller's executor where the coroutine sees it.
    caller = getattr(AsyncToSync.executors, "current", None)
    if caller is not None:
        threads.append(caller._work_thread)  # noqa: SLF001 - it has no public name
    for thread in threads:
        connection = _opened.get(thread)
        if connection is not None and connection.in_atomic_block:
            raise RuntimeError(
                f"{name} was awaited inside an open transaction: call {name}.blocking(...) there"
            )


def _remember(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
    _opened[threading.current_thread()] = connection


connection_created.connect(_remember, dispatch_uid="faceitbot.core.open_transactions")
