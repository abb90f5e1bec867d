"""A child process that runs `import_legacy` and stops itself at one statement; see `test_stopped_imports`.

    python -m tests.faceitbot.legacy.stopped_import (SIGKILL|SIGINT|wait) (before|after) N ARGUMENT...

It stops before or after the N-th statement that writes users. With `wait` it writes a line there and stays.
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


def main(how: str, moment: str, number: str, *arguments: str) -> None:
    left = int(number)

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        writes = "INSERT INTO users " in sql
        left -= writes
        if writes and left == 0 and moment == "before":
            stop(how)
        result = execute(sql, params, many, context)
        if writes and left == 0 and moment == "after":
            stop(how)
        return result

    django.setup()
    with connection.execute_wrapper(watch):
        execute_from_command_line(["manage.py", "import_legacy", *arguments])


if __name__ == "__main__":
    main(*sys.argv[1:])
