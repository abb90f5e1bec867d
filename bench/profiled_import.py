"""Imports a file and looks where its time goes: `python -m bench.profiled_import FILE USERS`.

Its last line on the standard output is the profile, as JSON.
"""

import json
import sys
import time
from contextlib import suppress

from django.core.management import call_command

import faceitbot
from bench.sampling import Sampler


def main(path: str, users: int) -> None:
    sampler, cpu = Sampler(), time.process_time()
    with sampler, suppress(SystemExit):
        call_command("import_legacy", path, as_of="2026-11-01T00:00Z", stdout=sys.stderr)
    cpu = time.process_time() - cpu
    sampler.tell("the import", users)
    found = {"calls": users, "cpu": cpu, "looks": sampler.looks, "layers": sampler.layers}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    faceitbot.setup()
    main(sys.argv[1], int(sys.argv[2]))
