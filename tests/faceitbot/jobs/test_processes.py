"""Several processes do jobs: each job once; what a killed one has begun is done by another."""

import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from faceitbot.core import clock
from faceitbot.core.models import JobRun, Switch
from faceitbot.jobs.table import JOBS
from tests.eventually import eventually
from tests.other_process import ROOT, environment
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)
WORKER = Path(__file__).with_name("jobs_worker.py")


@pytest.fixture
def start():
    """Start processes that wait for their sign to begin: `start(2, 20)`."""
    started: list[subprocess.Popen[str]] = []

    def launch(processes, *arguments):
        started.extend(
            subprocess.Popen(
                [sys.executable, str(WORKER), *map(str, arguments)],
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _process in range(processes)
        )
        for process in started[-processes:]:
            assert process.stdout.readline() == "ready\n"
        for process in started[-processes:]:
            process.stdin.write("\n")
            process.stdin.flush()
        return started[-processes:]

    yield launch
    for process in started:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def times_done():
    """Give how often each job was done."""
    return Counter(name.partition(" ")[0] for name in Switch.objects.values_list("name", flat=True))


def ended_in_good_order(processes):
    for process in processes:
        process.send_signal(signal.SIGTERM)
    return [process.wait(30) for process in processes]


@pytest.mark.proof("jobs")
def test_two_at_once_do_each_job_once_and_one_takes_over_what_the_other_was_killed_in(
    start, full_size, report
):
    number, processes = (200, 4) if full_size else (20, 2)
    running = start(processes, number)
    eventually(lambda: User.objects.filter(telegram_id=1).exists(), within=30)
    slow = eventually(lambda: JobRun.objects.filter(name="slow").first())
    (doing,) = [each for each in running if slow.process.endswith(f":{each.pid}")]
    doing.kill()
    killed_at = clock.now()

    eventually(lambda: times_done()["slow"] == 1, within=30)
    eventually(lambda: len(times_done()) == number + 1, within=120)
    assert ended_in_good_order([each for each in running if each is not doing]) == [0] * (processes - 1)

    again = JobRun.objects.filter(name="slow").first()
    assert list(JobRun.objects.filter(name="slow").values_list("outcome", flat=True)) == ["done", "lost"]
    done = times_done()
    # A job whose process was killed between its work and the note of it is done twice: at least once.
    lost = set(JobRun.objects.filter(outcome="lost").values_list("name", flat=True))
    assert {name for name, times in done.items() if times > 1} <= lost
    assert JobRun.objects.filter(outcome="done").count() == number + 1
    seconds = (again.started_at - killed_at) / timedelta(seconds=1)
    report(f"{processes} processes, {number + 1} jobs: each once; killed, begun again {seconds:.1f} s later")


def test_control_without_claims_each_process_does_every_job(start):
    start(2, 3, "without-claims")

    eventually(lambda: all(times_done()[f"j{number}"] > 1 for number in range(3)), within=30)


def test_the_command_does_the_jobs_of_the_table_once_and_ends_in_good_order():
    command = [sys.executable, "manage.py", "run_jobs"]
    both = [subprocess.Popen(command, cwd=ROOT, env=environment()) for _process in range(2)]
    daily = [job.name for job in JOBS if job.every >= timedelta(days=1)]
    try:
        eventually(
            lambda: JobRun.objects.filter(outcome="done", name__in=daily).count() == len(daily), within=60
        )
    finally:
        codes = ended_in_good_order(both)

    assert codes == [0, 0]
    runs = Counter(JobRun.objects.values_list("name", flat=True))
    assert {name: runs[name] for name in daily} == dict.fromkeys(daily, 1)
    assert set(runs) == {job.name for job in JOBS}
    assert set(JobRun.objects.values_list("outcome", flat=True)) == {"done"}
    assert JobRun.objects.values("process").distinct().count() in (1, 2)
