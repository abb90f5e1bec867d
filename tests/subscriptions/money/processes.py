"""Orders, notices of money, and the processes that record them."""

import json
import random
import signal
import subprocess
import sys
from pathlib import Path

from subscriptions.repositories import PaymentRepository
from tests.other_process import environment
from users.repositories import UserRepository

WORKER = Path(__file__).with_name("money_worker.py")


def notices_of(charges, users):
    """Make orders of many users, and give a notice of one charge for each."""
    people = UserRepository().create_batch.blocking({"telegram_id": n} for n in range(1, users + 1))
    repository = PaymentRepository()
    found = []
    for number in range(charges):
        user = people[number % users]
        order = repository.create_order.blocking(user.pk, "premium")
        found.append([user.telegram_id, order.payload, order.stars, f"charge-{number}"])
    return found


def shared_out(notices, copies, processes, dice: random.Random):
    """Shuffle copies of the notices, and share them out."""
    every = notices * copies
    dice.shuffle(every)
    return [every[place::processes] for place in range(processes)]


def start(notices, *options):
    process = subprocess.Popen(
        [sys.executable, str(WORKER), *options],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    process.stdin.write(json.dumps(notices) + "\n")
    process.stdin.flush()
    return process


def finish(process):
    """Let a process come to its end."""
    output, _errors = process.communicate(timeout=600)
    assert process.returncode == 0
    assert output.splitlines()[-1] == "done"


def kill_after(process, tens: int) -> bool:
    """Kill a process when it has recorded so many tens; False when it had ended before."""
    for _ten in range(tens):
        if process.stdout.readline() != "ten\n":
            process.communicate()
            return False
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return True
