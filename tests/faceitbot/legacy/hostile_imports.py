"""A child process that imports files one after the other, and says what came of each and the memory of all.

python -m tests.faceitbot.legacy.hostile_imports FILE...
"""

import json
import sys
import time
from pathlib import Path

import django

from tests.faceitbot.legacy.importing import run_import
from tests.faceitbot.legacy.measured_import import peak_mebibytes


def main(*paths: str) -> None:
    django.setup()
    for path in paths:
        began = time.perf_counter()
        outcome = run_import(Path(path))
        line = [Path(path).name, outcome.code, outcome.said, time.perf_counter() - began, peak_mebibytes()]
        sys.stdout.write(f"{json.dumps(line)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
