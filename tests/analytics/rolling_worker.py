"""Makes roll-ups in children that kill themselves after the n-th thing they say to the database.

The numbers come as arguments; the last child lives. Everything is made from outside: the connection is
wrapped, the product knows nothing of it. It prints how many children were killed.
"""

import os
import signal
import sys

import faceitbot

faceitbot.setup()

from django.db import connection  # noqa: E402

from analytics.repositories import RollUpRepository  # noqa: E402
from tests.analytics.past import NOW  # noqa: E402


def in_child(fatal):
    """Run in a process of its own; say whether it was killed."""
    child = os.fork()
    if child == 0:
        said = 0

        def count(execute, sql, params, many, context):
            nonlocal said
            said += 1
            result = execute(sql, params, many, context)
            if said == fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        with connection.execute_wrapper(count):
            RollUpRepository().update_roll_ups.blocking(now=NOW)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


killed = [in_child(int(fatal)) for fatal in sys.argv[1:]]
assert not in_child(0)
print(sum(killed))
