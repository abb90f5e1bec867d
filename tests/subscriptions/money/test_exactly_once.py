"""A charge is granted exactly once, from any number of processes, in any order, whoever dies meanwhile."""

import random
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection
from django.db.models import Count, Sum

from faceitbot.core.integrity import invariants
from subscriptions.models import Grant, Payment, UserSubscription
from tests.subscriptions.money.processes import finish, kill_after, notices_of, shared_out, start

pytestmark = pytest.mark.django_db(transaction=True)

COPIES = 5
UNIQUE = "payments_telegram_payment_charge_id_unique"


@pytest.fixture
def dice(report):
    seed = random.randrange(2**32)
    report(f"seed {seed}")
    return random.Random(seed)


def assert_each_charge_bought_thirty_days(notices, users):
    charges = len(notices)
    assert Payment.objects.filter(status="completed").count() == Payment.objects.count() == charges
    assert Grant.objects.count() == charges
    assert not Payment.objects.annotate(grants=Count("grant")).exclude(grants=1).exists()
    bought = Grant.objects.values_list("user__telegram_id").annotate(Sum("duration"))
    assert set(bought) == {(n, timedelta(days=30 * (charges // users))) for n in range(1, users + 1)}
    for row in UserSubscription.objects.select_related("user"):
        first = Grant.objects.filter(user=row.user).earliest("starts_at").starts_at
        assert row.expires_at == first + timedelta(days=30 * (charges // users))
    assert {found.name for found in invariants() if list(found.find())} == set()


@pytest.mark.proof("payments")
def test_copies_of_notices_in_several_processes(dice, full_size, report):
    charges, users, processes = (2_000, 100, 4) if full_size else (60, 10, 3)
    notices = notices_of(charges, users)

    workers = [start(part) for part in shared_out(notices, COPIES, processes, dice)]
    for worker in workers:
        finish(worker)

    report(f"{charges} charges, {COPIES} copies, {processes} processes: {Payment.objects.count()} payments")
    assert_each_charge_bought_thirty_days(notices, users)


@pytest.mark.proof("payments")
def test_copies_of_notices_while_processes_are_killed(dice, full_size, report):
    charges, users, processes, deaths = (2_000, 100, 4, 50) if full_size else (100, 10, 2, 3)
    notices = notices_of(charges, users)
    killed: list[bool] = []

    def work(part, lives):
        """One process after another has the same notices delivered, until one lives to the end."""
        killed.extend(kill_after(start(part), tens) for tens in lives)
        finish(start(part))

    parts = shared_out(notices, COPIES, processes, dice)
    most = len(parts[0]) // 20
    lives = [dice.randint(1, most) for _life in range(deaths)]
    threads = [Thread(target=work, args=(part, lives[place::processes])) for place, part in enumerate(parts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    report(f"{charges} charges, {sum(killed)} processes killed: {Payment.objects.count()} payments")
    assert sum(killed) == deaths
    assert_each_charge_bought_thirty_days(notices, users)


def test_control_without_the_unique_charge_copies_are_granted_again(dice):
    notices = notices_of(20, 10)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE payments DROP CONSTRAINT {UNIQUE}")
    try:
        workers = [start(part, "naive") for part in shared_out(notices, COPIES, 2, dice)]
        for worker in workers:
            finish(worker)

        assert Payment.objects.count() == Grant.objects.count() == 20 * COPIES
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE payments CASCADE")
            cursor.execute(
                f"ALTER TABLE payments ADD CONSTRAINT {UNIQUE} UNIQUE (telegram_payment_charge_id)"
            )
