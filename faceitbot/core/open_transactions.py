"""Sees that a coroutine would wait for its own caller's transaction.

A synchronous caller inside a transaction that starts an event loop, by `async_to_sync` or `asyncio.run`,
stands still until the loop ends. A method awaited there would wait, on another connection, for locks that
this caller holds. (A loop in a thread that the caller has made itself is not seen.)
"""

import asyncio
import threading
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

from asgiref.sync import AsyncToSync
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from faceitbot.core import workers

_opened: WeakKeyDictionary[threading.Thread, BaseDatabaseWrapper] = WeakKeyDictionary()
_here = threading.local()  # the same for the thread that asks, which is every hot call
# Behind `AsyncToSync.executors`, which takes longer than all the rest to say that there is none.
_held = getattr(getattr(AsyncToSync.executors, "_storage", None), "_data", None)


def refuse_inside_transaction(name: str) -> None:
    """Refuse to await a method while a thread that waits for us has a transaction open.

    Errors: `RuntimeError`, for it is a bug of the caller.
    """
    caller = waiting_caller()
    there = None if caller is None else _opened.get(caller._work_thread)  # noqa: SLF001 - it has no public name
    if not is_open_here() and (there is None or not there.in_atomic_block):
        return
    if not workers.workers().bound:  # otherwise it is a test's own, which the worker thread shares
        raise RuntimeError(f"{name} was awaited inside an open transaction: call {name}.blocking(...) there")


def is_open_here() -> bool:
    """Say whether this thread has a transaction open.

    Django's own way to ask takes ten times as long; an event loop, which has no business with the connection
    of its thread, asks the one that it once saw there.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return connections[DEFAULT_DB_ALIAS].in_atomic_block
    here: BaseDatabaseWrapper | None = getattr(_here, "connection", None)
    if here is None:
        here = _here.connection = connections[DEFAULT_DB_ALIAS]
    return here.in_atomic_block


def waiting_caller() -> Any:
    """Give asgiref's executor of the synchronous caller who waits for this coroutine; None if nobody does."""
    if isinstance(_held, ContextVar) and _held.get(None) is None:
        return None
    return getattr(AsyncToSync.executors, "current", None)


def _remember(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
    if connections[DEFAULT_DB_ALIAS] is connection:  # and no copy of it
        _opened[threading.current_thread()] = _here.connection = connection


connection_created.connect(_remember, dispatch_uid="faceitbot.core.open_transactions")
