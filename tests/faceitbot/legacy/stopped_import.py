"""A child process that runs `import_legacy` and stops itself at one statement; see `test_stopped_imports`.

    python -m tests.faceitbot.legacy.stopped_import HOW (before|after) N PART ARGUMENT...

It stops before or after the N-th statement that holds this part: by the signal HOW; with `wait` it writes a
line there and stays; with `count` it goes on, and writes at the end how many there were.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django
from django.core.management import execute_from_command_line
from django.db import connection


def stop(how: str) -> None:
    if how == "wait":
        sys.stdout.write("waiting\n")
        sys.stdout.flush()
        sys.stdin.read()
    else:
        os.kill(os.getpid(), signal.Signals[how])


def main(how: str, moment: str, number: str, part: str, *arguments: str) -> None:
    left = int(number)

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        meant = part in sql
        left -= meant
        if meant and left == 0 and moment == "before":
            stop(how)
        result = execute(sql, params, many, context)
        if meant and left == 0 and moment == "after":
            stop(how)
        return result

    django.setup()
    with connection.execute_wrapper(watch):
        try:
            execute_from_command_line(["manage.py", "import_legacy", *arguments])
        finally:
            if how == "count":
                sys.stdout.write(f"{-left}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
