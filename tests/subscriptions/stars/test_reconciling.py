"""Telegram's list and the payments agree after a sync, without anybody's help; again changes nothing."""

import asyncio
import json
import random
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from faceitbot.core import atomically, clock
from faceitbot.core.integrity import invariants
from faceitbot.core.models import AuditEntry
from subscriptions.models import Grant, Notice, Payment, StarSync, StarTransaction
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from tests.factories import StaffFactory
from tests.subscriptions.stars.generator import TelegramsList
from tests.threads import in_a_thread
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)

repository, access, users = PaymentRepository(), SubscriptionRepository(), UserRepository()
PEOPLE = 10


@pytest.fixture
def telegram(report):
    seed = random.randrange(2**32)
    report(f"seed {seed}")
    return TelegramsList(random.Random(seed), start=int(time.time()) - 10 * 86_400)


@pytest.fixture
async def people(closed_links):
    return await users.create_batch({"telegram_id": n} for n in range(1, PEOPLE + 1))


@pytest.fixture(autouse=True)
def _nothing_is_broken(transactional_db):
    yield
    assert {found.name: list(found.find()) for found in invariants() if list(found.find())} == {}


async def sell(telegram, user, *, tier="premium", recurring=False, known=True):
    """Let a user buy something; the bot hears of it, or loses the update."""
    order = await repository.create_order(user.pk, tier, recurring=recurring)
    key = telegram.paid(user.telegram_id, order.payload, order.stars, recurring=recurring)
    if known:
        await hear(order, user, key, recurring=recurring)
    return order, key


async def hear(order, user, key, *, recurring=False, first=True):
    return await repository.record_successful_payment(
        user.telegram_id,
        order.payload,
        "XTR",
        order.stars,
        key,
        is_recurring=recurring,
        is_first_recurring=recurring and first,
    )


def digest():
    """Everything that a sync may write, but for the moments of the sync itself."""
    with connection.cursor() as cursor:
        found = []
        for table in ("payments", "orders", "grants", "star_transactions", "notices", "user_subscriptions"):
            cursor.execute(f"SELECT md5(string_agg(row::text, '' ORDER BY row::text)) FROM {table} AS row")
            found.append(cursor.fetchone()[0])
    return found


async def test_a_hundred_payments_that_the_bot_has_lost_are_there_after_the_next_sync(telegram, people):
    for number in range(150):
        await sell(telegram, people[number % PEOPLE], known=number % 3 == 0)
        if number % 3 == 0:
            telegram.noise()
    assert await atomically(Payment.objects.count) == 50

    report = await repository.sync_star_transactions(telegram.fetch)

    assert await atomically(Payment.objects.filter(status="completed").count) == 150
    assert await atomically(Grant.objects.count) == 150
    assert (len(report.recovered), report.differences) == (100, 100)
    assert report.read == report.new == len(telegram.transactions)
    told = await atomically(Notice.objects.filter(kind="payment_resolved").count)
    assert told == 100
    for user in people:
        row = await access.get_by_user_id(user.pk)
        assert row.expires_at - datetime.now(UTC) > timedelta(days=30 * 15 - 1)

    before = await atomically(digest)
    again = await repository.sync_star_transactions(telegram.fetch)
    assert (again.read, again.differences) == (0, 0)
    assert await atomically(digest) == before


async def test_each_kind_of_transaction_is_what_it_is(telegram, people):
    user = people[0]
    order, first = await sell(telegram, user, recurring=True)
    renewal = telegram.paid(user.telegram_id, order.payload, order.stars, recurring=True)
    _pro, lost_refund = await sell(telegram, user, tier="pro")
    telegram.refunded(lost_refund)  # a chargeback: nobody has told the bot
    _gone, unheard = await sell(telegram, user, known=False)
    telegram.refunded(unheard)
    _back, known_refund = await sell(telegram, user)
    telegram.refunded(known_refund)
    await repository.mark_refunded(known_refund)
    invented = [telegram.paid(7_000, f"pay:{number}", 199) for number in range(20)]
    for _number in range(60):
        telegram.noise()

    report = await repository.sync_star_transactions(telegram.fetch)

    found = {each.charge_id: each.note for each in report.recovered}
    assert found == {renewal: "(renewed)", unheard: "(granted)", **dict.fromkeys(invented, "(in_review)")}
    assert [each.charge_id for each in report.refunded_there] == [lost_refund, unheard]
    statuses = dict(
        await atomically(lambda: list(Payment.objects.values_list("telegram_payment_charge_id", "status")))
    )
    assert statuses == {
        first: "completed",
        renewal: "completed",
        lost_refund: "refunded",
        unheard: "refunded",
        known_refund: "refunded",
        **dict.fromkeys(invented, "needs_review"),
    }
    assert await atomically(Grant.objects.filter(revoked_at=None).count) == 2
    assert await atomically(StarTransaction.objects.filter(settled_at=None).count) == 0


async def test_a_dump_reports_what_differs_and_mends_it_once(telegram, people, tmp_path, capsys):
    for number in range(150):
        await sell(telegram, people[number % PEOPLE])
        telegram.noise()
    for number in range(20):
        telegram.paid(9_000 + number, "invented", 500)
    files = [tmp_path / f"page{place}.json" for place, _page in enumerate(telegram.pages())]
    for file, page in zip(files, telegram.pages(), strict=True):
        file.write_text(json.dumps(page))

    def reconcile():
        try:
            call_command("reconcile_stars", *map(str, files))
        except SystemExit as end:
            return end.code, capsys.readouterr().out
        return 0, capsys.readouterr().out

    code, text = await in_a_thread(reconcile)
    assert code == 1
    assert "20 paid there and missing here, recorded now" in text
    assert await atomically(Payment.objects.filter(status="needs_review").count) == 20
    before = await atomically(digest)

    code, text = await in_a_thread(reconcile)
    assert (code, "0 of them new" in text) == (0, True)
    assert await atomically(digest) == before
    assert await atomically(StarSync.objects.filter(position__gt=0).count) == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is not JSON"),
        ("[" * 200_000, "is not JSON"),
        ('{"ok": false}', "holds no list"),
        ('"text"', "holds no list"),
    ],
)
def test_a_file_that_is_no_dump_is_refused_whole(tmp_path, text, reason):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text('{"transactions": [{"id": "a", "amount": 1, "date": 1, "source": {"type": "other"}}]}')
    bad.write_text(text)

    with pytest.raises(CommandError, match=reason) as error:
        call_command("reconcile_stars", str(good), str(bad))

    assert error.value.returncode == 2
    assert StarTransaction.objects.count() == 0


async def test_one_transaction_that_cannot_be_read_hides_no_other(telegram, people):
    await sell(telegram, people[0], known=False)
    for wrong in (
        {},
        {"id": "x"},
        {"id": "x", "amount": "many", "date": 1},
        {"id": "y", "amount": 1, "date": 1e300},
    ):
        telegram.transactions.append(wrong)
    await sell(telegram, people[1], known=False)

    report = await repository.sync_star_transactions(telegram.fetch)

    assert (len(report.recovered), len(report.unreadable)) == (2, 4)
    assert "[2]" in report.unreadable[1]
    assert (await repository.sync_star_transactions(telegram.fetch)).read == 0


async def test_what_is_only_here_or_another_amount_is_told_each_time(telegram, people):
    await sell(telegram, people[0])
    order, key = await sell(telegram, people[1], known=False)
    await repository.record_successful_payment(2, order.payload, "XTR", 5, key)
    long_ago = datetime.now(UTC) - timedelta(days=5)
    alone = await repository.create_order(people[2].pk, "premium", now=long_ago)
    await repository.record_successful_payment(3, alone.payload, "XTR", 199, "only-here", now=long_ago)
    telegram.clock = int(time.time())
    telegram.noise()

    for _run in range(2):
        report = await repository.sync_star_transactions(telegram.fetch)
        assert [each.charge_id for each in report.missing_there] == ["only-here"]
        assert [(each.charge_id, each.stars) for each in report.amounts_differ] == [(key, 199)]


async def test_two_syncs_at_once_one_works(telegram, people):
    for number in range(120):
        await sell(telegram, people[number % PEOPLE], known=False)

    reports = await asyncio.gather(*(repository.sync_star_transactions(telegram.fetch) for _bot in range(2)))

    assert sorted(report.busy for report in reports) == [False, True]
    assert sum(len(report.recovered) for report in reports) == 120
    assert telegram.calls == [(0, 100), (100, 100)]
    row = await atomically(StarSync.objects.get)
    assert (row.position, row.claimed_by, row.finished_at is None) == (120, None, False)


async def test_who_died_while_reading_is_waited_for_until_his_lease_ends(telegram, people):
    await sell(telegram, people[0], known=False)
    await repository.sync_star_transactions(
        TelegramsList(random.Random(1), start=0).fetch
    )  # the row is there
    dead = {"claimed_by": uuid4(), "claimed_until": clock.now() + timedelta(minutes=1)}
    await atomically(lambda: StarSync.objects.update(**dead))

    assert (await repository.sync_star_transactions(telegram.fetch)).busy
    await atomically(lambda: StarSync.objects.update(claimed_until=clock.now() - timedelta(seconds=1)))
    report = await repository.sync_star_transactions(telegram.fetch)

    assert (report.busy, len(report.recovered)) == (False, 1)


async def test_who_was_taken_for_dead_moves_nothing_any_more(telegram, people):
    for number in range(120):
        await sell(telegram, people[number % PEOPLE], known=False)
    other = uuid4()

    async def slowly(offset, limit):
        if offset:  # the second page took so long that another process has begun
            await atomically(lambda: StarSync.objects.update(claimed_by=other, position=7))
        return await telegram.fetch(offset, limit)

    await repository.sync_star_transactions(slowly)

    row = await atomically(StarSync.objects.get)
    assert (row.position, row.claimed_by, row.finished_at) == (7, other, None)


async def test_a_fetch_that_fails_in_the_middle_is_gone_on_with(telegram, people):
    for number in range(130):
        await sell(telegram, people[number % PEOPLE], known=False)

    async def failing(offset, limit):
        if offset:
            raise ConnectionError("Telegram is away")
        return await telegram.fetch(offset, limit)

    with pytest.raises(ConnectionError):
        await repository.sync_star_transactions(failing)
    assert await atomically(Payment.objects.count) == 100

    report = await repository.sync_star_transactions(telegram.fetch)
    assert (report.read, len(report.recovered)) == (30, 30)
    assert telegram.calls[1:] == [(99, 1), (100, 100)]


async def test_what_staff_ask_for_is_answered_by_the_next_run_and_not_by_one_under_way(telegram, people):
    boss = await atomically(StaffFactory.create)
    await sell(telegram, people[0], known=False)

    async def asked_meanwhile(offset, limit):
        assert await repository.request_star_sync(actor=boss, reason="a buyer waits")
        return await telegram.fetch(offset, limit)

    assert not await repository.is_star_sync_requested()
    await repository.sync_star_transactions(asked_meanwhile)

    assert await repository.is_star_sync_requested()
    assert not await repository.request_star_sync(actor=boss, reason="a second click")
    await repository.sync_star_transactions(telegram.fetch)
    assert not await repository.is_star_sync_requested()
    entries = await atomically(
        lambda: list(AuditEntry.objects.filter(actor=boss).values_list("action", "reason"))
    )
    assert entries == [("star_sync.requested", "a buyer waits")]


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row["source"]["user"].update(id=2**63),
        lambda row: row.update(nanostar_amount=2**63),
        lambda row: row["source"].update(subscription_period=2**63),
        lambda row: row.update(id="nul\x00"),
        lambda row: row.update(id="y" * 300),
        lambda row: row.pop("amount"),
    ],
    ids=["partner", "nanostars", "period", "nul", "long id", "no amount"],
)
async def test_one_odd_transaction_stops_nothing_and_is_read_once(telegram, people, change):
    await sell(telegram, people[0], known=False)
    await sell(telegram, people[1], known=False)
    change(telegram.transactions[-1])

    first = await repository.sync_star_transactions(telegram.fetch)
    telegram.calls.clear()
    again = await repository.sync_star_transactions(telegram.fetch)

    assert len(first.recovered) >= 1
    assert telegram.calls == [(1, 1), (2, 100)]
    assert (again.read, again.recovered) == (0, ())


async def test_what_was_only_mirrored_is_settled_by_the_next_run(telegram, people):
    _order, key = await sell(telegram, people[0], known=False)
    await repository.sync_star_transactions(telegram.fetch)
    _later, left = await sell(telegram, people[1], known=False)
    page = telegram.transactions[1]
    at = datetime.fromtimestamp(page["date"], UTC)
    partner = page["source"]
    await atomically(
        lambda: StarTransaction.objects.create(
            transaction_id=left,
            direction="in",
            amount=199,
            at=at,
            partner_type="user",
            partner_telegram_id=2,
            transaction_type="invoice_payment",
            payload=partner["invoice_payload"],
        )
    )

    report = await repository.sync_star_transactions(telegram.fetch)

    assert [each.charge_id for each in report.recovered] == [left]
    assert (report.read, report.new) == (1, 0)
    assert key != left


async def test_another_list_is_read_from_its_beginning(telegram, people):
    await sell(telegram, people[0], known=False)
    await repository.sync_star_transactions(telegram.fetch)
    other = TelegramsList(random.Random(1), start=telegram.clock)
    for number in range(3):
        await sell(other, people[number], known=False)

    report = await repository.sync_star_transactions(other.fetch)

    assert (report.read, len(report.recovered)) == (3, 3)


async def test_purchases_of_the_old_bot_are_not_granted_again(telegram, people):
    old = [telegram.paid(1, "premium_monthly_1", 199) for _month in range(3)]
    telegram.refunded(old[0])
    telegram.clock = int(time.time()) + 3_600
    await atomically(lambda: StarSync.objects.get_or_create(id=1))
    telegram.paid(1, "premium_monthly_1", 199)

    report = await repository.sync_star_transactions(telegram.fetch)

    assert (report.before_us, len(report.recovered), len(report.refunded_there)) == (4, 1, 0)
    assert await atomically(Grant.objects.count) == 1
