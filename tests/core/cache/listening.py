"""Listens to what reaches Redis: MONITOR shows every command."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from faceitbot.core.cache.registry import server_of

# What a connection says when it is opened is no part of a call, nor what the process reports every 5 s; what
# a script does is part of the script.
GREETINGS = {"HELLO", "AUTH", "CLIENT", "SELECT", "INFO"}
REPORTS = ":counters:"


@contextmanager
def listened(alias: str = "player_cache") -> Iterator[list[list[str]]]:
    """Give the commands that Redis gets within the block, each as its words; complete at its end."""
    client = server_of(alias).client
    commands: list[list[str]] = []
    end = f"end {uuid4()}"
    database = int(client.connection_pool.connection_kwargs["db"])
    with client.monitor() as monitor:
        yield commands
        client.echo(end)
        for heard in monitor.listen():
            if heard["command"] == f"ECHO {end}":
                return
            if heard["db"] != database:
                continue  # tests run beside this one
            words = heard["command"].split(" ")
            from_script = heard.get("client_type") == "lua"
            if words[0] not in GREETINGS and REPORTS not in heard["command"] and not from_script:
                commands.append(words)
