"""A task that is cancelled while it completes a payment leaves all of it or nothing, and the pool whole."""

import asyncio
import random

import pytest
from django.db import connection

from faceitbot.core import atomically
from faceitbot.core.integrity import invariants
from faceitbot.core.models import AuditEntry
from subscriptions.models import Grant, Payment
from subscriptions.repositories import PaymentRepository
from tests.eventually import eventually_async
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

repository = PaymentRepository()
PEOPLE = 20


def connections_in_use():
    figures = connection.pool.get_stats()  # type: ignore[attr-defined] # PostgreSQL's has one
    return figures["pool_size"] - figures["pool_available"] + figures["requests_waiting"]


@pytest.mark.proof("cancellations")
async def test_cancelling_at_random_moments_leaves_all_or_nothing(full_size, report):
    at_rest = max(1, connections_in_use())  # this thread's own, and those of threads that write behind
    rounds = 1_000 if full_size else 100
    seed = random.randrange(2**32)
    dice = random.Random(seed)
    people = await UserRepository().create_batch({"telegram_id": n} for n in range(1, PEOPLE + 1))
    notices = []
    for number in range(rounds):
        user = people[number % PEOPLE]
        order = await repository.create_order(user.pk, "premium")
        notices.append((user.telegram_id, order.payload, "XTR", 199, f"charge-{number}"))

    await eventually_async(lambda: connections_in_use() <= at_rest)
    in_use = connections_in_use()
    some = asyncio.Semaphore(PEOPLE)

    async def cancel_somewhere(notice):
        """Cancel after so many turns of the loop; a turn is shorter than a word to the database."""
        async with some:
            task = asyncio.create_task(repository.record_successful_payment(*notice))
            for _turn in range(dice.randrange(300)):
                await asyncio.sleep(0)
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                return True
            return False

    cancelled = await asyncio.gather(*(cancel_somewhere(notice) for notice in notices))
    await eventually_async(lambda: connections_in_use() == in_use)  # what was cancelled goes on to its end
    first_done = await atomically(
        lambda: set(Payment.objects.values_list("telegram_payment_charge_id", flat=True))
    )

    def whole():
        payments = set(Payment.objects.filter(status="completed").values_list("pk", flat=True))
        grants = set(Grant.objects.values_list("payment_id", flat=True))
        told = set(AuditEntry.objects.filter(action="payment.completed").values_list("object_id", flat=True))
        return payments == grants and told == {str(key) for key in payments}

    assert await atomically(whole)
    again = [await repository.record_successful_payment(*notice) for notice in notices]
    report(f"seed {seed}: {rounds} completions, {sum(cancelled)} cancelled, {len(first_done)} done by then")
    assert sum(cancelled) > rounds // 10
    # Some tasks were cancelled while their transaction was at work: it went on to its end.
    assert any(gone and notice[-1] in first_done for gone, notice in zip(cancelled, notices, strict=True))
    assert {outcome.kind for outcome in again} == {"granted", "repeated"}
    assert await atomically(Payment.objects.count) == await atomically(Grant.objects.count) == rounds
    broken = await atomically(lambda: {found.name for found in invariants() if list(found.find())})
    assert broken == set()
    await eventually_async(lambda: connections_in_use() == in_use)
