"""A process that does jobs of its own, with claims that run out soon: `jobs_worker.py NUMBER`.

It does NUMBER jobs that leave a row each time they are done, and one that sleeps in the database; it begins
at a line on its input. With the word `without-claims` it does them all, whoever else does.
"""

import signal
import sys
from datetime import timedelta
from secrets import token_hex
from types import SimpleNamespace

import faceitbot

faceitbot.setup()

from django.db import connection  # noqa: E402

from faceitbot.core import job_runs  # noqa: E402
from faceitbot.core.models import JobRun  # noqa: E402
from faceitbot.core.transactions import transactional  # noqa: E402
from faceitbot.jobs import runner as running  # noqa: E402
from faceitbot.jobs.table import Job  # noqa: E402
from users.repositories import UserRepository  # noqa: E402

DAY = timedelta(days=1)
job_runs.LEASE = timedelta(seconds=3)
running.BEAT_SECONDS, running.LOOK_SECONDS, running.MOST_JITTER_SECONDS = 0.5, 0.1, 0.0


class Work:
    @transactional()
    def done(self, name):
        """Note that a job was done, as often as it is."""
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO switches VALUES (%s, true, now())", [f"{name} {token_hex(8)}"])

    @transactional(budget_seconds=60)
    def sleep(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(2)")


def counted(name):
    def work():
        Work().done.blocking(name)
        return {}

    return Job(name, DAY, DAY, work)


def slowly():
    UserRepository().touch.blocking(1)
    Work().sleep.blocking()
    Work().done.blocking("slow")
    return {}


def nobody_asks(*_arguments, **_options):
    """Take every claim for granted."""
    return JobRun(pk=0)


number = int(sys.argv[1])
jobs = [counted(f"j{each}") for each in range(number)]
runner = running.Runner([*jobs, Job("slow", DAY, DAY, slowly)])
if "without-claims" in sys.argv:
    setattr(job_runs.JobRuns, "claim", SimpleNamespace(blocking=nobody_asks))  # noqa: B010 - a method
signal.signal(signal.SIGTERM, lambda _number, _frame: runner.end())
print("ready", flush=True)
sys.stdin.readline()
runner.run()
