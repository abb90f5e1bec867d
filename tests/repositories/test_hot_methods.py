"""Hot methods give what their ordinary bodies give, on the loop's own connections and on the test's."""

import asyncio
import uuid
from collections import Counter
from datetime import timedelta

import pytest
from django.db.models import Model

from analytics.repositories import AnalyticsRepository
from faceitbot.core import atomically, clock
from faceitbot.core.cache import configuration, maintenance
from faceitbot.core.statements import ways
from faceitbot.core.statements.look_ups import LookUpBody
from matches.models import MatchAnalysis
from matches.repositories import MatchCacheRepository, MatchRepository
from stats.repositories import StatsRepository
from subscriptions.payments.payloads import LegacyPayload
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from tests.factories import CardFactory, MatchAnalysisFactory, MatchCacheFactory
from tests.repositories.samples import LEDGERS, SAMPLES, product_repositories
from users.repositories import UserRepository

users, access, payments = UserRepository(), SubscriptionRepository(), PaymentRepository()

# The arguments with which a method shows a row, where the samples do not say it, and some that show nothing.
SHOWING = {
    "get_by_user_id": lambda row: (row.user_id,),
    "get_by_telegram_user_id": lambda row: (row.user.telegram_id,),
    "get_user_with_subscription": lambda row: (row.telegram_id,),
    "get_team_stats": lambda row: ([row.player_id, "nobody"], row.game),
    "_offer": lambda row: (row.order.payload,),
    "_legacy_offer": lambda row: (LegacyPayload("premium", "monthly", row.user.telegram_id),),
}
# Compared in tests/subscriptions/test_limits_together.py: they say something of everybody.
ALWAYS_ANSWERED = {"can_make_request", "get_entitlements"}
NOTHING = {
    "get_by_id": (uuid.UUID(int=7),),
    "get_by_user_id": (uuid.UUID(int=7),),
    "get_by_telegram_id": (999_999,),
    "get_by_telegram_user_id": (999_999,),
    "get_user_with_subscription": (999_999,),
    "get_team_stats": (["nobody", "no one"],),
    "_legacy_offer": (LegacyPayload("premium", "monthly", 999_999),),
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
        for name in set(look_ups(repository)) - ALWAYS_ANSWERED:
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
        ("PaymentRepository", "_offer"),
        ("PaymentRepository", "_legacy_offer"),
        ("SubscriptionRepository", "can_make_request"),
        ("SubscriptionRepository", "get_entitlements"),
        ("StatsRepository", "get_player_stats"),
        ("StatsRepository", "get_team_stats"),
        ("MatchRepository", "get_by_match_id"),
        ("MatchCacheRepository", "get_cached_match"),
    }


async def make_people():
    user = await users.create_user(7, "player", "Nick")

    def make():
        MatchAnalysisFactory(match_id="m1", user=user)
        MatchCacheFactory(match_id="m1", expires_at=clock.now() + timedelta(hours=1))
        CardFactory(player_id="p1")

    await atomically(make)
    order = await payments.create_order(user.pk, "premium")
    return user, order


# For each hot method the call, of a user and an order, and the name under which its ways are counted.
HOT = [
    ("UserRepository.touch", lambda user, _: users.touch(7)),
    ("UserRepository.update_last_activity", lambda user, _: users.update_last_activity(7)),
    ("UserRepository.get_by_id", lambda user, _: users.get_by_id(user.pk)),
    ("UserRepository.get_by_telegram_id", lambda user, _: users.get_by_telegram_id(7)),
    ("UserRepository.get_by_faceit_id", lambda user, _: users.get_by_faceit_id("player")),
    ("UserRepository.get_user_with_subscription", lambda user, _: users.get_user_with_subscription(7)),
    ("SubscriptionRepository.get_by_user_id", lambda user, _: access.get_by_user_id(user.pk)),
    ("SubscriptionRepository.get_by_telegram_user_id", lambda user, _: access.get_by_telegram_user_id(7)),
    ("SubscriptionRepository.get_entitlements", lambda user, _: access.get_entitlements(user.pk)),
    ("SubscriptionRepository.can_make_request", lambda user, _: access.can_make_request(user.pk)),
    ("RequestMethods.consume_request", lambda user, _: access.consume_request(user.pk)),
    ("PaymentRepository._offer", lambda _, order: payments.authorise_checkout(order.payload, 7, "XTR", 199)),
    (
        "PaymentRepository._legacy_offer",
        lambda *_: payments.authorise_checkout("premium_monthly_7", 7, "XTR", 199),
    ),
    ("StatsRepository.get_player_stats", lambda *_: StatsRepository().get_player_stats("p1")),
    ("StatsRepository.get_team_stats", lambda *_: StatsRepository().get_team_stats(["p1"])),
    ("MatchRepository.get_by_match_id", lambda *_: MatchRepository().get_by_match_id("m1")),
    ("MatchCacheRepository.get_cached_match", lambda *_: MatchCacheRepository().get_cached_match("m1")),
    ("RecordingMethods.record_metric", lambda *_: AnalyticsRepository().record_metric("pressed", 1)),
]


@pytest.mark.django_db(transaction=True)
async def test_every_hot_call_runs_on_the_loops_own_connections():
    """With an empty cache, as the bot calls them."""
    user, order = await make_people()
    for name, call in HOT:
        await atomically(clear_caches)
        before = ways.calls(name)

        found = await call(user, order)

        assert found or name == "UserRepository.update_last_activity", name
        assert Counter(ways.calls(name)) - Counter(before) == {ways.POOL: 1}, name


def clear_caches():
    for alias in configuration.ALIASES:
        maintenance.clear(alias)


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
async def test_without_connections_of_its_own_the_loop_uses_the_threads(settings):
    settings.STATEMENT_CONNECTIONS = 0
    user = await UserRepository().create_user(7)
    name = "UserRepository.get_user_with_subscription"
    before = ways.calls(name).get(ways.THREAD, 0)

    found = await UserRepository().get_user_with_subscription(7)

    assert (found.pk, found.subscription.tier) == (user.pk, "free")
    assert ways.calls(name)[ways.THREAD] == before + 1
