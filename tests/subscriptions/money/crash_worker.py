"""Records money in children that kill themselves before or after the n-th thing they say to the database.

For each n (or each STRIDE-th): an order is made, a child dies at n once or twice, then the notice is
delivered again to a child that lives. It prints, for each n, what it was that the child died at. The end is
the first n that no child reaches. Everything is made from outside: the connection is wrapped, the product
knows nothing of it.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from itertools import count
from unittest.mock import patch

import faceitbot

faceitbot.setup()

from django.db import connection  # noqa: E402

from subscriptions.repositories import PaymentRepository, SubscriptionRepository  # noqa: E402
from users.repositories import UserRepository  # noqa: E402

KIND, DEATHS, STRIDE = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
payments, access, users = PaymentRepository(), SubscriptionRepository(), UserRepository()


class Points:
    """Counts what is said to the database, and dies at one of it."""

    def __init__(self, fatal: int) -> None:
        self.fatal, self.seen = fatal, 0

    def pass_by(self, what: str) -> None:
        self.seen += 1
        if self.seen == self.fatal:
            print(json.dumps([self.fatal, what]), flush=True)
            os.kill(os.getpid(), signal.SIGKILL)

    def around_statement(self, execute, sql, params, many, context):
        self.pass_by(f"before {sql[:60]}")
        result = execute(sql, params, many, context)
        self.pass_by(f"after {sql[:60]}")
        return result

    def around_commit(self, commit: Callable[[], None]) -> None:
        self.pass_by("before COMMIT")
        commit()
        self.pass_by("after COMMIT")


def in_child(work: Callable[[], object], fatal: int = 0) -> bool:
    """Run in a process of its own; say whether it was killed."""
    child = os.fork()
    if child == 0:
        points = Points(fatal)
        connection.ensure_connection()
        commit = connection._commit  # type: ignore[attr-defined] # Django's own, without a public name
        with connection.execute_wrapper(points.around_statement):
            with patch.object(connection, "_commit", lambda: points.around_commit(commit)):
                work()
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def sell(number: int) -> None:
    user = users.create_user.blocking(number)
    order = payments.create_order.blocking(user.pk, "premium", recurring=True)
    if KIND == "renewal":
        notify(order, number, f"first-{number}", first=True)


def notify(order, number, charge, *, first=False):
    payments.record_successful_payment.blocking(
        number, order.payload, "XTR", 199, charge, is_recurring=True, is_first_recurring=first
    )


def deliver(number: int) -> None:
    """What is redelivered until it is answered: the same notice, or the same refund."""
    order = users.get_user_with_subscription.blocking(number).orders.get()
    if KIND == "odd":
        payments.record_successful_payment.blocking(number, order.payload, "XTR", 1, f"charge-{number}")
    elif KIND == "refund":
        payments.mark_refunded.blocking(f"charge-{number}")
    else:
        notify(order, number, f"charge-{number}")


def pay_before(number: int) -> None:
    order = users.get_user_with_subscription.blocking(number).orders.get()
    notify(order, number, f"charge-{number}", first=True)


for point in count(1, STRIDE):
    assert not in_child(lambda: sell(point))  # noqa: B023 - run at once
    if KIND == "refund":
        assert not in_child(lambda: pay_before(point))  # noqa: B023
    killed = [in_child(lambda: deliver(point), point) for _death in range(DEATHS)]  # noqa: B023
    assert not in_child(lambda: deliver(point))  # noqa: B023
    assert len(set(killed)) == 1, "the second death is at the same point as the first"
    if not killed[0]:
        print(json.dumps([point, "nothing"]), flush=True)
        break
