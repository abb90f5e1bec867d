"""Whatever a repository is asked, the database finds it by an index and reads few rows of many."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction

from faceitbot.core.errors import FaceitBotError
from faceitbot.core.statements.look_ups import Key, LookUpBody
from faceitbot.core.statements.tallies import TalliedBody
from tests.millions import reading, writing
from tests.millions.calls import Call, Figures, Known, call, calls_of, methods
from tests.millions.plans import Statement, heard, nodes_of, plan_of, read_by, scanned

pytestmark = [pytest.mark.proof("millions"), pytest.mark.django_db]

# Of a call that gives a thousand at most; of one that gives more, a few for each that it gives.
MOST_ROWS = 4_000
FROM_TWO_INDEXES = {"SubscriptionRepository.get_expiring_subscriptions"}  # so many of each
MOST_FOR_EACH = 3
MOST_ROWS_OF_A_KEY = 20  # that a hot method looks at for one caller
LARGE, FULL_LARGE = 1_000, 10_000  # rows of a table that is not to be read as a whole
READS = ("SELECT", "WITH")
PLANNED = (*READS, "UPDATE", "DELETE", "INSERT")
READING = [pytest.param(each, id=str(each)) for each in methods() if each.reads]
HOT = [
    pytest.param(each, id=str(each))
    for each in methods()
    if isinstance(each.body, LookUpBody | TalliedBody) and str(each) not in reading.ADDING
]


@dataclass(frozen=True)
class Seen:
    """What a call gave, and the plans of what it asked the database."""

    answer: Any
    plans: list[tuple[Statement, dict[str, Any]]]

    @property
    def rows(self) -> int:
        return sum(read_by(node) for _statement, plan in self.plans for node in nodes_of(plan))


@pytest.fixture
def known():
    return Known()


@pytest.fixture(scope="module")
def figures():
    """How many methods, calls and statements there were."""
    return {"methods": 0, "statements": 0}


@pytest.fixture(scope="module", autouse=True)
def _told(figures, report, full_size):
    yield
    if full_size:
        report(f"repositories: {figures}")


@pytest.fixture
def large(full_size):
    """The tables that nobody is to read as a whole."""
    with connection.cursor() as cursor:
        least = FULL_LARGE if full_size else LARGE
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [least])
        return {name for (name,) in cursor.fetchall()}


@pytest.fixture
def look(figures):
    """Give a function that calls a method, undoes it, and looks at the plans of its statements."""

    def go(one: Call, *, planned=READS, options="ANALYZE"):
        statements: list[Statement] = []
        answer = None
        with transaction.atomic():
            try:
                with heard(statements):
                    answer = one.method.bound.blocking(*one.arguments, **one.options)
            except FaceitBotError:
                assert not one.finds, one
            transaction.set_rollback(True)
        plans = []
        for each in statements:
            if each.sql.lstrip("( \n").startswith(planned):
                with transaction.atomic():
                    plans.append((each, plan_of(each, options)))
                    transaction.set_rollback(True)
        figures["statements"] += len(plans)
        return Seen(answer, plans)

    return go


def test_every_class_with_methods_is_known():
    """What is found by itself is what there is; a method that nobody gives arguments fails below."""
    found = {str(each) for each in methods()}

    assert {*reading.ARGUMENTS} <= found
    assert {*writing.ARGUMENTS} <= found
    assert {*reading.COUNTING} <= found


@pytest.mark.parametrize("method", READING)
def test_reading_finds_by_index(method, known, look, large, figures, full_size):
    if full_size and str(method) in reading.GIVES_ALL:
        pytest.skip("gives all, which would take a gigabyte")
    figures["methods"] += 1
    for one in calls_of(method, known, reading.ARGUMENTS):
        seen = look(one)
        assert one.finds is None or bool(seen.answer) == one.finds, one
        whole = {table for _statement, plan in seen.plans for table in scanned(plan, large)}
        if str(method) not in reading.COUNTING:
            most = max(MOST_ROWS, MOST_FOR_EACH * len(seen.answer) if isinstance(seen.answer, list) else 0)
            most *= 2 if str(method) in FROM_TWO_INDEXES else 1
            assert (whole, seen.rows <= most) == (set(), True), (one, whole, seen.rows)


def test_without_its_index_a_call_is_found_out(known, look, large):
    """The control: what the test above looks at does change when an index is missing."""
    [method] = [each for each in methods() if str(each) == "StarTransactionRepository.get_all"]
    newest, _nothing = calls_of(method, known, reading.ARGUMENTS)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX star_transactions_created_idx")

    seen = look(newest)

    assert {table for _statement, plan in seen.plans for table in scanned(plan, large)} != set()
    assert seen.rows > MOST_ROWS


@pytest.mark.parametrize("method", HOT)
def test_a_hot_method_reads_by_its_key(method, known, large, figures):
    statement = statement_of(method, known)

    with transaction.atomic():
        plan = plan_of(statement)
        transaction.set_rollback(True)

    figures["statements"] += 1
    read = [(node["Node Type"], node["Relation Name"]) for node in nodes_of(plan) if "Relation Name" in node]
    assert scanned(plan, large) == set(), read
    assert 0 < sum(map(read_by, nodes_of(plan))) <= MOST_ROWS_OF_A_KEY, read


@pytest.mark.parametrize("name", writing.ARGUMENTS)
def test_writing_finds_by_index(name, known, look, large, figures):
    figures["methods"] += 1
    [method] = [each for each in methods() if str(each) == name]

    seen = look(call(method, writing.ARGUMENTS[name](known), None), planned=PLANNED, options="")

    assert seen.plans
    assert {statement.sql: found for statement, plan in seen.plans if (found := scanned(plan, large))} == {}


def statement_of(method, known):
    """Give the statement that concurrent calls share, as it is for one of them."""
    arguments = (reading.ARGUMENTS | of_every(method) | writing.ARGUMENTS)[str(method)]
    if callable(arguments):
        given = arguments(known)
    else:
        given = (arguments.asking if isinstance(arguments, Figures) else arguments.finding)(known)
    if isinstance(method.body, TalliedBody):
        return overheard(method, method.body.key(*given))
    asked = method.bound._key(*given)
    key = asked if isinstance(asked, Key) else Key(asked)
    values = key.value if method.bound._many else [key.value]
    statements: list[Statement] = []
    with heard(statements):
        assert method.bound._look_up._compiled.fetch_here({**dict(key.others), "keys": values})
    return statements[-1]


def of_every(method):
    """Give the arguments of a look-up that every repository has."""
    calls = {"get_by_id": lambda known: (known.row(method.repository).pk,)}
    return {str(method): calls[method.name]} if method.name in calls else {}


class _Overheard(Exception):
    """Carries a statement instead of sending it."""

    def __init__(self, statement):
        self.statement = statement


class _Line:
    """Stands for the event loop's line."""

    async def write(self, _name, sql, values, **_options):
        raise _Overheard(Statement(sql, values, 0.0))


def overheard(method, key):
    with pytest.raises(_Overheard) as caught:
        method.body.write(method.repository(), _Line(), {key: 1}).send(None)
    return caught.value.statement
