"""Hot methods give what their ordinary bodies give, on the loop's own connections and on the test's."""

import asyncio
import uuid
from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings
from django.db.models import Model

from faceitbot.core import atomically, clock
from faceitbot.core.statements import ways
from faceitbot.core.statements.look_ups import LookUpBody
from matches.models import MatchAnalysis
from matches.repositories import MatchRepository
from stats.repositories import StatsRepository
from tests.factories import CardFactory, MatchAnalysisFactory
from tests.repositories.samples import LEDGERS, SAMPLES, product_repositories
from users.repositories import UserRepository

# The arguments with which a method shows a row, where the samples do not say it, and some that show nothing.
SHOWING = {
    "get_by_user_id": lambda row: (row.user_id,),
    "get_by_telegram_user_id": lambda row: (row.user.telegram_id,),
    "get_user_with_subscription": lambda row: (row.telegram_id,),
    "get_team_stats": lambda row: ([row.player_id, "nobody"], row.game),
}
NOTHING = {
    "get_by_id": (uuid.UUID(int=7),),
    "get_by_user_id": (uuid.UUID(int=7),),
    "get_by_telegram_id": (999_999,),
    "get_by_telegram_user_id": (999_999,),
    "get_user_with_subscription": (999_999,),
    "get_team_stats": (["nobody", "no one"],),
}


def look_ups(repository):
    """Yield the names of the methods that are look-ups, cached or not."""
    for name in dir(repository):
        found = getattr(repository, name)
        if isinstance(getattr(found, "_body", found), LookUpBody):
            yield name


def uncached(repository, name):
    method = getattr(repository, name)
    return getattr(method, "_method", method)


def everything(value):
    """Give what can be seen of an answer: all that the instances hold, related ones too, and the types."""
    if isinstance(value, Model):
        columns = {field.attname: getattr(value, field.attname) for field in value._meta.concrete_fields}
        related = {name: everything(row) for name, row in value._state.fields_cache.items()}
        loaded = {name for name in vars(value) if name != "_state"}
        types = {name: type(column) for name, column in columns.items()}
        return type(value), columns, types, related, loaded, value._state.db, value._state.adding
    return [everything(row) for row in value] if isinstance(value, list) else value


def make_rows(repository):
    if repository in SAMPLES:
        SAMPLES[repository].before()
    make = SAMPLES[repository].make if repository in SAMPLES else LEDGERS[repository]
    return [make() for _number in range(3)]


async def test_every_look_up_gives_what_its_body_gives(both_ways):
    way = ways.POOL if both_ways == "pool" else ways.THREAD
    for repository in product_repositories():
        rows = await atomically(make_rows, repository)
        # What may be asked is compared in tests/subscriptions/test_limits_together.py: it counts seconds.
        for name in set(look_ups(repository)) - {"can_make_request"}:
            await compare(repository, name, rows, way)


async def compare(repository, name, rows, way):
    method = uncached(repository(), name)
    showing = SHOWING.get(name) or (
        SAMPLES[repository].cached[name] if repository in SAMPLES else lambda row: (row.pk,)
    )
    asked = [showing(row) for row in rows] + [NOTHING.get(name, ("nobody",))]
    before = ways.calls(method._look_up.name)

    found = [await method(*arguments) for arguments in asked]
    together = await asyncio.gather(*(method(*arguments) for arguments in asked * 5))

    bodies = await atomically(lambda: [method.blocking(*arguments) for arguments in asked])
    called = f"{repository.__name__}.{name}"
    assert everything(found) == everything(bodies), called
    assert everything(together) == everything(bodies * 5), called
    assert all(found[: len(rows)]), called
    assert not found[-1], called
    assert Counter(ways.calls(method._look_up.name)) - Counter(before) == {way: 6 * len(asked)}, called


def test_the_hot_look_ups_are_look_ups():
    found = {
        (repository.__qualname__, name)
        for repository in product_repositories()
        for name in look_ups(repository)
    }

    assert found >= {
        ("UserRepository", "get_by_id"),
        ("UserRepository", "get_by_telegram_id"),
        ("UserRepository", "get_by_faceit_id"),
        ("UserRepository", "get_user_with_subscription"),
        ("SubscriptionRepository", "get_by_user_id"),
        ("SubscriptionRepository", "get_by_telegram_user_id"),
        ("StatsRepository", "get_player_stats"),
        ("StatsRepository", "get_team_stats"),
        ("MatchRepository", "get_by_match_id"),
        ("MatchCacheRepository", "get_cached_match"),
    }


@pytest.mark.django_db(transaction=True)
async def test_callers_of_one_key_share_a_statement_but_no_row():
    await atomically(lambda: CardFactory(player_id="s1", map_performance={"de_dust2": {"matches": 3}}))
    method = uncached(StatsRepository(), "get_player_stats")
    before = sum(ways.batch_sizes(method._look_up.name).values())

    found = await asyncio.gather(*(method("s1") for _caller in range(50)))

    assert sum(ways.batch_sizes(method._look_up.name).values()) - before < 10
    found[0].map_performance["de_dust2"]["matches"] = 4
    found[0].nickname = "another"
    assert {row.map_performance["de_dust2"]["matches"] for row in found[1:]} == {3}
    assert "another" not in {row.nickname for row in found[1:]}


@pytest.mark.django_db(transaction=True)
async def test_calls_with_other_values_of_the_other_parameters_are_kept_apart():
    await atomically(lambda: [CardFactory(player_id="s1", game=game, faceit_elo=elo) for game, elo in GAMES])
    method = uncached(StatsRepository(), "get_player_stats")

    found = await asyncio.gather(*(method("s1", game) for _turn in range(20) for game, _elo in GAMES))

    assert [row.faceit_elo for row in found] == [elo for _game, elo in GAMES] * 20


GAMES = [("cs2", 2_000), ("csgo", 1_000)]


async def test_a_card_that_has_expired_is_not_given(both_ways):
    past = clock.now() - timedelta(seconds=1)
    await atomically(lambda: CardFactory(player_id="s1", expires_at=past))

    assert await StatsRepository().get_player_stats("s1") is None
    assert await StatsRepository().get_team_stats(["s1"]) == []


async def test_of_several_analyses_of_a_match_the_newest_is_given(both_ways):
    def make():
        for hours in (2, 1, 3):
            at = clock.now() - timedelta(hours=hours)
            MatchAnalysisFactory(match_id="m1", analysed_at=at, map_name=f"{hours} hours ago")
        assert MatchAnalysis.objects.count() == 3

    await atomically(make)

    assert (await MatchRepository().get_by_match_id("m1")).map_name == "1 hours ago"


@pytest.mark.django_db(transaction=True)
async def test_without_connections_of_its_own_the_loop_uses_the_threads(monkeypatch):
    monkeypatch.setattr(settings, "STATEMENT_CONNECTIONS", 0)
    user = await UserRepository().create_user(7)
    name = "UserRepository.get_user_with_subscription"
    before = ways.calls(name).get(ways.THREAD, 0)

    found = await UserRepository().get_user_with_subscription(7)

    assert (found.pk, found.subscription.tier) == (user.pk, "free")
    assert ways.calls(name)[ways.THREAD] == before + 1
