"""A process that is the doctor each time it is asked by a line: so it need not start for each look."""

import io
import json
import sys
import time

import faceitbot

faceitbot.setup()

from django.core.management import call_command  # noqa: E402

for _line in sys.stdin:
    told, started = io.StringIO(), time.monotonic()
    code: object = None
    try:
        call_command("doctor", as_json=True, stdout=told)
    except SystemExit as end:
        code = end.code
    seconds = round(time.monotonic() - started, 1)
    print(json.dumps({"code": code, "seconds": seconds, **json.loads(told.getvalue())}), flush=True)
