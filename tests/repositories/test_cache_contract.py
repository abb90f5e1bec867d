"""What the cache promises for every cached method of every repository. Runs against all there are."""

import pytest
from django.conf import settings
from django.db import connections
from django.db.models import Model

from faceitbot.core import atomically
from faceitbot.core.cache.codec import codec_of
from faceitbot.core.cache.configuration import ALIASES
from faceitbot.core.cache.entry import HEAD_LENGTH
from faceitbot.core.cache.keys import stamp_name
from faceitbot.core.cache.registry import server_of
from faceitbot.core.cache.state import State
from tests.core.cache.counted import counted
from tests.eventually import eventually
from tests.repositories.samples import SAMPLES, writable_repositories
from tests.threads import in_a_thread

pytestmark = pytest.mark.django_db(transaction=True)

METHODS = [
    pytest.param(repository, method.spec, id=f"{repository.__qualname__}.{method.spec.operation}")
    for repository in writable_repositories()
    for method in repository.cached_methods()
    if method.spec.alias_for(repository)
]
OUR_HEAD = b"<the head of a value of this very moment>"
LOOK_UPS = [case for case in METHODS if case.values[1].by]
FIGURES = [case for case in METHODS if not case.values[1].by]


@pytest.fixture(autouse=True)
def _figures_are_kept(monkeypatch):
    monkeypatch.setitem(settings.CACHES["stats_cache"], "TIMEOUT", 600)


class Case:
    """One cached method of one repository, called with what shows one row."""

    def __init__(self, repository_class, spec):
        self.repository, self.spec = repository_class(), spec
        self.sample = SAMPLES[repository_class]
        self.alias = spec.alias_for(repository_class)
        self.method = getattr(self.repository, spec.operation)
        self.arguments = ()

    def show(self, row):
        self.arguments = self.sample.cached[self.spec.operation](row)
        return row

    async def create(self, number=1):
        return self.show(await self.repository.create(self.sample.new(number)))

    async def read(self):
        return plain(await self.method(*self.arguments))

    async def truth(self):
        """Ask the database: inside a transaction nothing comes from the cache."""
        return plain(await atomically(lambda: self.method.blocking(*self.arguments)))

    async def read_blocking(self):
        return plain(await in_a_thread(self.method.blocking, *self.arguments))

    def counted(self):
        return counted(self.alias)

    @property
    def nearest(self):
        """Where a value comes from that this process has just read: figures have no level of its own."""
        return "in_process" if self.spec.by else "hits"

    def forget(self):
        """Leave what has been read to Redis alone."""
        server_of(self.alias).state.shelf.clear()


@pytest.fixture
def case(request):
    SAMPLES[request.param[0]].before()
    return Case(*request.param)


def each(cases):
    return pytest.mark.parametrize("case", [pytest.param(c.values, id=c.id) for c in cases], indirect=True)


def plain(value):
    """Give something that compares every column, where rows compare their keys only."""
    if isinstance(value, Model):
        return type(value), {
            field.attname: getattr(value, field.attname) for field in value._meta.concrete_fields
        }
    return [plain(row) for row in value] if isinstance(value, list) else value


def test_every_cached_method_takes_part():
    for repository in writable_repositories():
        cached = {method.spec.operation for method in repository.cached_methods()}
        aliases = {method.spec.alias_for(repository) for method in repository.cached_methods()}
        expected = cached if aliases - {None} else set()
        assert set(SAMPLES[repository].cached) == expected, repository.__qualname__


@each(METHODS)
async def test_the_second_call_is_a_hit_and_gives_the_same(case):
    await case.create()
    first = await case.read()

    with case.counted() as counts:
        second = await case.read()
    case.forget()
    with case.counted() as counts_of_redis:
        third = await case.read()

    assert (counts, counts_of_redis) == ({case.nearest: 1}, {"hits": 1})
    assert third == second == first == await case.truth()


@each(METHODS)
async def test_awaiting_and_blocking_share_what_is_kept(case):
    await case.create()
    awaited = await case.read()

    with case.counted() as counts:
        assert await case.read_blocking() == await case.read() == awaited
    case.forget()
    with case.counted() as counts_of_redis:
        assert await case.read_blocking() == awaited
        case.forget()
        assert await case.read() == awaited

    assert (counts, counts_of_redis) == ({case.nearest: 2}, {"hits": 2})


@each(METHODS)
async def test_a_value_that_only_blocking_callers_loaded_is_found_by_the_loop(case):
    await case.create()
    blocking = await case.read_blocking()

    with case.counted() as counts:
        assert await case.read() == blocking
    case.forget()
    with case.counted() as counts_of_redis:
        assert await case.read() == blocking

    assert (counts, counts_of_redis) == ({case.nearest: 1}, {"hits": 1})


@each(LOOK_UPS)
async def test_a_missing_row_is_remembered_until_it_comes(case):
    row = await case.create()
    await case.repository.delete(row.pk)
    assert await case.read() is None
    with case.counted() as counts:
        assert await case.read() is None
        case.forget()
        assert await case.read() is None
    assert counts == {"in_process": 1, "hits": 1}

    back = await case.repository.create_batch([case.sample.new(1)])
    case.show(back[0])

    assert await case.read() == await case.truth() == plain(back[0])


@each(LOOK_UPS)
async def test_what_a_caller_does_to_a_row_is_not_shown_to_another(case):
    await case.create()
    before = await case.read()

    for found in [await case.method(*case.arguments) for _caller in range(2)]:
        for field in found._meta.concrete_fields:
            value = getattr(found, field.attname)
            spoil(value) if isinstance(value, dict | list) else setattr(found, field.attname, "spoiled")

    with case.counted() as counts:
        assert await case.read() == before
    assert counts == {"in_process": 1}


def spoil(value):
    """Change what lies in there, at every depth."""
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            spoil(inner)
    value.clear()


@each(LOOK_UPS)
async def test_a_write_of_another_process_is_seen_within_a_second(case):
    row = await case.create()
    before = await case.read()
    await in_a_thread(write_elsewhere, case, row)
    truth = await case.truth()

    def has_come():
        return plain(case.method.blocking(*case.arguments)) == truth

    await in_a_thread(eventually, has_come, within=1)

    assert await case.read() == truth != before


def write_elsewhere(case, row):
    """Write as another process does: this one hears of it by what happens in Redis, and not at once."""
    scopes = case.repository._scopes(row)
    for name, value in case.sample.change.items():
        setattr(row, name, value)
    row.save()
    connections.close_all()
    names = (stamp_name(case.alias, row._meta.db_table, s) for s in scopes | case.repository._scopes(row))
    server_of(case.alias).client.delete(*names)


async def updated(case, row):
    await case.repository.update(row.pk, case.sample.change)


async def updated_in_a_batch(case, row):
    await case.repository.update_batch([{"id": row.pk, **case.sample.change}])


async def deleted(case, row):
    await case.repository.delete(row.pk)


async def deleted_in_a_batch(case, row):
    await case.repository.delete_batch([row.pk])


@pytest.mark.parametrize("write", [updated, updated_in_a_batch, deleted, deleted_in_a_batch])
@each(LOOK_UPS)
async def test_the_next_call_sees_a_write(case, write):
    row = await case.create()
    before = await case.read()

    await write(case, row)

    after = await case.read()
    assert after == await case.truth()
    assert after != before


@each(LOOK_UPS)
async def test_inside_a_transaction_its_own_writes_are_seen_and_nobody_else_is_shown_them(case):
    row = await case.create()
    before = await case.read()

    def changes():
        case.repository.update.blocking(row.pk, case.sample.change)
        seen = plain(case.method.blocking(*case.arguments))
        raise LookupError(seen)

    with pytest.raises(LookupError) as undone:
        await atomically(changes)

    assert undone.value.args[0] != before
    assert await case.read() == before


@each(METHODS)
async def test_without_redis_the_answers_are_the_same(case, monkeypatch):
    row = await case.create()
    await case.read()
    monkeypatch.setattr(State, "is_usable", lambda _state: False)

    with case.counted() as counts:
        assert await case.read() == await case.truth()
        await case.repository.update(row.pk, case.sample.change)
        assert await case.read() == await case.truth()
        assert await case.read_blocking() == await case.truth()

    read = {name: counts[name] for name in ("in_process", "bypassed") if name in counts}
    assert read == ({"in_process": 2, "bypassed": 1} if case.spec.by else {"bypassed": 3})


@pytest.mark.parametrize(
    ("garbage", "counter"),
    [
        (b"", "undecodable"),
        (b"\x80\x04}q.", "undecodable"),
        (b"x" * 5_000, "undecodable"),
        (b"fb" + b"\0" * HEAD_LENGTH, "stale"),
        (OUR_HEAD + b"x" * 5_000, "undecodable"),
        (OUR_HEAD + b"3" + b"\x91" * 100_000, "undecodable"),
    ],
    ids=["nothing", "pickle", "text", "head of another moment", "our head, other bytes", "our head, deep"],
)
@each(METHODS)
async def test_what_is_not_ours_is_replaced(case, garbage, counter):
    await case.create()
    right = await case.read()
    client = server_of(case.alias).client
    version = codec_of(case.repository.model).version
    (name,) = client.keys(f"{case.alias}:{version}:*:{case.spec.operation}:*")
    entry = client.get(name)
    client.set(name, garbage.replace(OUR_HEAD, entry[:HEAD_LENGTH]), ex=60)
    case.forget()

    with case.counted() as counts:
        assert await case.read() == right
        assert await case.read() == right

    assert counts == {counter: 1, case.nearest: 1}


@each(METHODS)
async def test_every_key_has_its_time(case):
    await case.create()
    await case.read()
    client = server_of(case.alias).client

    names = client.keys(f"{case.alias}:*")

    longest = settings.CACHES[case.alias]["TIMEOUT"]
    values = [name for name in names if b":stamp:" not in name and b":counters:" not in name]
    assert values
    assert all(0 < client.ttl(name) <= longest for name in values)
    assert all(client.ttl(name) > longest for name in names if b":stamp:" in name)


@each(METHODS)
async def test_zero_as_lifetime_switches_the_cache_off(case, monkeypatch):
    await case.create()
    monkeypatch.setitem(settings.CACHES[case.alias], "TIMEOUT", 0)

    with case.counted() as counts:
        assert await case.read() == await case.read() == await case.truth()

    assert counts == {}


@each(FIGURES)
async def test_figures_are_kept_until_they_are_wanted_fresh(case):
    await case.create(1)
    old = await case.read()
    await case.create(2)
    assert await case.read() == old

    fresh = plain(await case.method(*case.arguments, fresh=True))

    assert fresh == await case.truth() != old
    with case.counted() as counts:
        assert await case.read() == fresh
    assert counts == {"hits": 1}


@each(FIGURES)
async def test_figures_are_made_anew_after_a_batch(case):
    await case.create(1)
    old = await case.read()

    await case.repository.create_batch([case.sample.new(number) for number in range(2, 5)])

    assert await case.read() == await case.truth() != old


def test_only_users_matches_and_players_are_kept_in_the_process():
    tables = {case.values[0].model._meta.db_table for case in LOOK_UPS}
    assert tables == {"users", "match_analyses", "match_cache", "player_stats"}


def test_aliases_are_those_of_the_settings():
    assert set(ALIASES) == set(settings.CACHES) - {"default"}
