"""What a repository method promises about transactions: joined, undone together, run again where safe."""

import asyncio
import contextvars
import threading
from contextlib import nullcontext, suppress
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import OperationalError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from psycopg.errors import LockNotAvailable

from faceitbot.core import atomically
from faceitbot.core.attempts import without_savepoints
from faceitbot.core.database_errors import sqlstate
from faceitbot.core.errors import Conflict, DatabaseUnavailable, OutcomeUnknown
from faceitbot.core.transactions import query, transactional
from tests.core.cache.counted import counted
from tests.eventually import eventually_async
from tests.factories import UserFactory
from tests.threads import held_open, started
from users.models import User
from users.repositories import UserRepository

repository = UserRepository()


def run_sql(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()[0] if cursor.description else None


@pytest.mark.django_db(transaction=True)
def test_a_method_called_inside_an_open_transaction_belongs_to_it():
    with transaction.atomic():
        repository.create_user.blocking(7)
        assert repository.get_by_telegram_id.blocking(7) is not None
        transaction.set_rollback(True)

    assert repository.get_by_telegram_id.blocking(7) is None


@pytest.mark.django_db(transaction=True)
def test_a_method_that_fails_inside_an_open_transaction_undoes_only_itself():
    UserFactory(telegram_id=7, faceit_player_id="taken")

    with transaction.atomic():
        repository.create_user.blocking(8)
        with pytest.raises(Exception, match="FACEIT"):
            repository.link_faceit_account.blocking(8, "taken", "x")
        repository.create_user.blocking(9)

    assert sorted(User.objects.values_list("telegram_id", flat=True)) == [7, 8, 9]


@pytest.mark.django_db(transaction=True)
def test_awaiting_a_method_inside_an_open_transaction_is_refused():
    """It would wait on another connection for a lock that its own caller holds."""
    UserFactory(telegram_id=7)

    with transaction.atomic():
        repository.set_waiting_for_nickname.blocking(7)
        with pytest.raises(RuntimeError, match=r"call UserRepository.touch.blocking"):
            async_to_sync(repository.touch)(7)

    assert User.objects.get(telegram_id=7).total_requests == 0


@pytest.mark.django_db(transaction=True)
async def test_awaiting_a_method_inside_a_body_is_refused():
    def body():
        async_to_sync(repository.create_user)(7)

    with pytest.raises(RuntimeError, match="open transaction"):
        await atomically(body)

    assert await repository.count() == 0


async def test_two_calls_in_one_transaction_are_undone_together(both_ways):
    def body():
        repository.create_user.blocking(7)
        repository.create_user.blocking(8)
        raise LookupError("after both")

    with pytest.raises(LookupError):
        await atomically(body)

    assert await repository.count() == 0


async def test_a_coroutine_function_is_refused_and_undone(both_ways):
    async def body():
        raise AssertionError("never awaited")

    wrong: Any = body
    with pytest.raises(TypeError, match="coroutine function"):
        await atomically(wrong)


@pytest.mark.django_db(transaction=True)
def test_awaiting_is_refused_whoever_opened_the_connection():
    """The caller's connection was opened in another context of the same thread."""
    UserFactory(telegram_id=7)
    connection.close()
    contextvars.copy_context().run(repository.get_by_telegram_id.blocking, 7)

    with transaction.atomic(), pytest.raises(RuntimeError, match="open transaction"):
        async_to_sync(repository.touch)(7)


@pytest.mark.django_db(transaction=True)
async def test_a_transaction_of_somebody_else_does_not_matter():
    """Both used the thread that asgiref shares; only the other one has a transaction open."""
    entered, release = threading.Event(), threading.Event()
    await sync_to_async(User.objects.count)()

    def other():
        with transaction.atomic():
            User.objects.count()
            entered.set()
            release.wait(10)
        connections.close_all()

    task = asyncio.create_task(sync_to_async(other)())
    await eventually_async(entered.is_set)
    try:
        assert await repository.count() == 0
    finally:
        release.set()
        await task


class Transfer(UserRepository):
    """Locks two users one after the other, in the order that it is given."""

    def __init__(self):
        self.both_hold_one = threading.Barrier(2, timeout=10)
        self.attempts = 0

    def add(self, first, second):
        self.attempts += 1
        for number, user_id in enumerate((first, second)):
            user = User.objects.select_for_update().get(telegram_id=user_id)
            user.total_requests += 1
            user.save()
            if number == 0 and self.attempts <= 2:
                self.both_hold_one.wait()

    add_in_transaction = transactional()(add)


@pytest.mark.django_db(transaction=True)
async def test_a_deadlock_is_run_again_and_succeeds():
    await repository.create_batch([{"telegram_id": 1}, {"telegram_id": 2}])
    transfer = Transfer()

    await asyncio.gather(transfer.add_in_transaction(1, 2), transfer.add_in_transaction(2, 1))

    assert list(await repository.get_values(["total_requests"])) == [{"total_requests": 2}] * 2
    assert transfer.attempts == 3


@pytest.mark.django_db(transaction=True)
def test_without_running_again_a_deadlock_reaches_the_caller():
    """Control: the same two transactions under plain `atomic`."""
    UserFactory(telegram_id=1)
    UserFactory(telegram_id=2)
    transfer, failures = Transfer(), []

    def run(first, second):
        try:
            with transaction.atomic():
                transfer.add(first, second)
        except OperationalError as error:
            failures.append(sqlstate(error))

    threads = [started(run, *order) for order in ((1, 2), (2, 1))]
    for thread in threads:
        thread.join()

    assert failures == ["40P01"]
    assert sorted(User.objects.values_list("total_requests", flat=True)) == [1, 1]


END_SLEEPERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE wait_event = 'PgSleep' AND datname = current_database()"
)


class Unlucky(UserRepository):
    """Loses its connection while it runs, the given number of times."""

    def __init__(self, losses):
        self.losses = losses
        self.attempts = 0

    @transactional()
    def register(self, user_id):
        self.attempts += 1
        user = self.create_user.blocking(user_id)
        if self.attempts <= self.losses:
            run_sql("SELECT pg_terminate_backend(pg_backend_pid())")
        return user

    @transactional()
    def hang(self, seconds):
        self.attempts += 1
        run_sql("SET LOCAL statement_timeout = 0")
        run_sql("SELECT pg_sleep(%s)", seconds)

    @query
    def slow_statement(self):
        run_sql("SELECT pg_sleep(60)")


@pytest.mark.django_db(transaction=True)
async def test_a_connection_lost_before_commit_is_replaced_once():
    unlucky = Unlucky(losses=1)

    user = await unlucky.register(7)

    assert await repository.get_by_telegram_id(7) == user
    assert unlucky.attempts == 2


@pytest.mark.django_db(transaction=True)
async def test_a_connection_lost_twice_is_an_unavailable_database():
    unlucky = Unlucky(losses=2)

    with pytest.raises(DatabaseUnavailable) as caught:
        await unlucky.register(7)

    assert caught.value.retryable
    assert unlucky.attempts == 2
    assert await repository.get_by_telegram_id(7) is None


@pytest.fixture
def killed_at_commit(transactional_db):
    """Make the server end the connection of whoever commits a new user."""
    run_sql(
        "CREATE FUNCTION end_connection() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
    )
    run_sql(
        "CREATE CONSTRAINT TRIGGER ended AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION end_connection()"
    )
    yield
    connection.close()
    run_sql("DROP FUNCTION end_connection CASCADE")


@pytest.mark.django_db(transaction=True)
async def test_a_connection_lost_during_commit_has_an_unknown_outcome(killed_at_commit):
    unlucky = Unlucky(losses=0)

    with pytest.raises(OutcomeUnknown):
        await unlucky.register(7)

    assert unlucky.attempts == 1


@pytest.mark.django_db(transaction=True)
async def test_what_may_have_been_committed_is_not_served_from_the_cache(killed_at_commit, redis_alone):
    """The trigger ends the connection of an insert that is about to be committed."""
    assert await repository.get_by_telegram_id(7) is None

    with counted() as before:
        assert await repository.get_by_telegram_id(7) is None
    with pytest.raises(OutcomeUnknown):
        await repository.create_user(7)
    with counted() as after:
        assert await repository.get_by_telegram_id(7) is None

    assert (before, after) == ({"hits": 1}, {"bypassed": 1})


@pytest.mark.django_db(transaction=True)
async def test_a_transaction_that_hangs_is_cut_off(settings):
    """The server's own timeout is switched off in the body, as if the server were frozen."""
    settings.TRANSACTION_BODY_SECONDS = 1
    unlucky = Unlucky(losses=0)

    with pytest.raises(DatabaseUnavailable):
        await unlucky.hang(60)

    assert unlucky.attempts == 1
    assert await repository.count() == 0
    await atomically(run_sql, END_SLEEPERS)  # the server does not notice that nobody listens any more


@pytest.mark.django_db(transaction=True)
async def test_a_statement_that_takes_too_long_is_an_unavailable_database(settings):
    with pytest.raises(DatabaseUnavailable) as caught:
        await Unlucky(losses=0).slow_statement()

    assert caught.value.context == {"sqlstate": "57014"}


@pytest.fixture
def deadlock_once(transactional_db):
    """Make the first statement that inserts a user meet a deadlock."""
    run_sql("CREATE SEQUENCE met")
    run_sql(
        "CREATE FUNCTION meet_deadlock() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF nextval('met') = 1 THEN RAISE EXCEPTION 'met' USING ERRCODE = 'deadlock_detected'; END IF;"
        " RETURN NULL; END $$"
    )
    run_sql("CREATE TRIGGER meets BEFORE INSERT ON users FOR EACH STATEMENT EXECUTE FUNCTION meet_deadlock()")
    yield
    run_sql("DROP FUNCTION meet_deadlock CASCADE")
    run_sql("DROP SEQUENCE met")


async def test_an_iterator_survives_that_its_batch_is_run_again(deadlock_once):
    rows = await repository.create_batch({"telegram_id": number} for number in range(1, 6))

    assert [row.telegram_id for row in rows] == [1, 2, 3, 4, 5]
    assert await repository.count() == 5


@pytest.mark.alone  # a lock is waited for as long as a setting says, by the clock
@pytest.mark.django_db(transaction=True)
async def test_callers_of_one_locked_row_are_told_so_and_nobody_else_notices():
    await repository.create_batch([{"telegram_id": 1}, {"telegram_id": 2}])
    answered = 0
    with held_open(User.objects.select_for_update().get, telegram_id=1):
        stuck = [asyncio.create_task(repository.touch(1)) for _ in range(4)]
        while not all(task.done() for task in stuck):
            assert (await repository.get_by_telegram_id(2)).telegram_id == 2
            answered += 1

    errors = [task.exception() for task in stuck]
    assert {type(error) for error in errors} == {DatabaseUnavailable}
    assert {error.context["sqlstate"] for error in errors} == {"55P03"}
    assert answered > 100


def create_and_fail(telegram_id, caught=()):
    """Make a user, and link an account that is another's, without savepoints."""
    with without_savepoints():
        repository.create_user.blocking(telegram_id)
        with suppress(*caught):
            repository.link_faceit_account.blocking(telegram_id, "taken", "x")


@pytest.mark.django_db(transaction=True)
def test_bodies_without_savepoints_are_undone_with_whoever_fails_and_with_nobody_else():
    UserFactory(telegram_id=7, faceit_player_id="taken")

    with pytest.raises(Conflict, match="FACEIT"):
        create_and_fail(8)
    with transaction.atomic():
        repository.create_user.blocking(9)
        with pytest.raises(Conflict, match="FACEIT"):
            create_and_fail(10)
        repository.create_user.blocking(11)

    assert sorted(User.objects.values_list("telegram_id", flat=True)) == [7, 9, 11]


@pytest.mark.django_db(transaction=True)
def test_an_error_that_is_caught_among_bodies_without_savepoints_is_no_silent_loss():
    UserFactory(telegram_id=7, faceit_player_id="taken")

    with pytest.raises(RuntimeError, match="undone"):
        create_and_fail(8, caught=[Conflict])

    assert [user.telegram_id for user in User.objects.all()] == [7]


@pytest.mark.django_db(transaction=True)
def test_bodies_without_savepoints_set_none():
    def statements(block):
        with CaptureQueriesContext(connection) as queries, transaction.atomic(), block:
            repository.create_user.blocking(len(queries) + 100)
            repository.create_user.blocking(len(queries) + 200)
        return [query["sql"] for query in queries if query["sql"].startswith("SAVEPOINT")]

    assert len(statements(nullcontext())) == 2
    assert len(statements(without_savepoints())) == 1


@pytest.mark.django_db(transaction=True)
async def test_what_has_committed_is_not_run_again_when_a_function_after_it_fails():
    ran = []

    def locked():
        cause = OperationalError("locked")
        cause.__cause__ = LockNotAvailable("locked")
        raise DatabaseUnavailable("locked") from cause

    def body():
        ran.append(1)
        User.objects.create(telegram_id=7)
        transaction.on_commit(locked)

    with pytest.raises(DatabaseUnavailable, match="locked"):
        await atomically(body)

    assert ran == [1]
    assert await atomically(User.objects.count) == 1
