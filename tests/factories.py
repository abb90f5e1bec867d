"""Rows for tests."""

import uuid
from datetime import timedelta

from django.contrib.auth.models import User as StaffAccount
from factory.declarations import LazyAttribute, LazyFunction, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from analytics.models import Metric
from faceitbot.core import clock
from faceitbot.core.models import ProcessSample
from matches.models import MatchAnalysis, MatchCache, MatchStatus
from stats.models import PlayerMapStats, PlayerMatch, PlayerStatsCache, PlayerStatsPoint, Prediction
from subscriptions.models import (
    Campaign,
    Grant,
    GrantSource,
    Order,
    Payment,
    PaymentCase,
    Referral,
    StarTransaction,
)
from users.models import User


class UserFactory(DjangoModelFactory):
    """A bot user with a linked FACEIT account."""

    class Meta:
        model = User

    telegram_id = Sequence(lambda n: 5_000_000_000 + n)
    faceit_player_id = LazyFunction(lambda: str(uuid.uuid4()))
    faceit_nickname = Sequence(lambda n: f"player{n}")


class GrantFactory(DjangoModelFactory):
    """Thirty days of premium from now on; the subscription does not show them yet."""

    class Meta:
        model = Grant

    user = SubFactory(UserFactory)
    tier = "premium"
    starts_at = LazyFunction(clock.now)
    duration = timedelta(days=30)
    source = GrantSource.PAYMENT


class OrderFactory(DjangoModelFactory):
    """A month of premium, on offer for an hour."""

    class Meta:
        model = Order

    payload = LazyFunction(lambda: f"pay:{uuid.uuid4()}")
    user = SubFactory(UserFactory)
    tier = "premium"
    duration = "monthly"
    days = 30
    stars = 199
    list_stars = 199
    title = "Premium: 30 дней"
    description = "Premium на 30 дней."
    expires_at = LazyFunction(lambda: clock.now() + timedelta(hours=1))


class PaymentFactory(DjangoModelFactory):
    """A payment that is expected for an order."""

    class Meta:
        model = Payment

    order = SubFactory(OrderFactory)
    user = SelfAttribute("order.user")
    amount = SelfAttribute("order.stars")
    tier = SelfAttribute("order.tier")
    days = SelfAttribute("order.days")


class PaymentCaseFactory(DjangoModelFactory):
    """A complaint that is open."""

    class Meta:
        model = PaymentCase

    user = SubFactory(UserFactory)
    text = "I paid and got nothing."


class StarTransactionFactory(DjangoModelFactory):
    """A charge as Telegram lists it."""

    class Meta:
        model = StarTransaction

    transaction_id = Sequence(lambda n: f"charge-{n}")
    direction = "in"
    amount = 199
    at = LazyFunction(clock.now)
    payment = SubFactory(PaymentFactory)


class ReferralFactory(DjangoModelFactory):
    """One user who brought another."""

    class Meta:
        model = Referral

    referrer = SubFactory(UserFactory)
    referee = SubFactory(UserFactory)
    code = "ABCDEFGH"
    referrer_days = 30
    referee_days = 7


class MatchAnalysisFactory(DjangoModelFactory):
    """A match that one user has had analysed while it was played."""

    class Meta:
        model = MatchAnalysis

    user = SubFactory(UserFactory)
    match_id = Sequence(lambda n: f"1-match-{n}")
    map_name = "de_mirage"
    status = MatchStatus.ONGOING
    competition_name = "CS2 5v5"
    team1_analysis = LazyFunction(
        lambda: {"name": "Foxes", "averages": {"elo": 2100.5}, "players": [{"nickname": "ace7", "kd": 1.2}]}
    )
    prediction = LazyFunction(lambda: {"team1": 0.64, "confidence": "slight"})
    details = LazyFunction(lambda: {"recommendations": [{"kind": "ban_map", "map": "de_nuke"}]})
    processing_time_ms = 1_500


class MatchCacheFactory(DjangoModelFactory):
    """What FACEIT has said about a match, good for half an hour."""

    class Meta:
        model = MatchCache

    match_id = Sequence(lambda n: f"1-stored-{n}")
    match_data = LazyFunction(
        lambda: {"game": "cs2", "status": "ONGOING", "teams": {"faction1": {"name": "A"}}}
    )
    expires_at = LazyFunction(lambda: clock.now() + timedelta(minutes=30))


class MetricFactory(DjangoModelFactory):
    """A match that was analysed."""

    class Meta:
        model = Metric

    name = "match.analysed"
    value = 1.0
    tags = LazyFunction(lambda: {"game": "cs2"})


class ProcessSampleFactory(DjangoModelFactory):
    """What a process that has nothing to do tells of itself."""

    class Meta:
        model = ProcessSample

    at = LazyFunction(clock.now)
    kind = "bot"
    process = LazyAttribute(lambda row: f"host:{row.kind}")
    seconds = 10
    calls = 0
    failed = 0
    durations = LazyFunction(list)
    cache_hits = 0
    cache_misses = 0
    waiting_calls = 0
    websocket_clients = 0
    event_loop_lag_ms = 1.0
    memory_bytes = 100 * 1024 * 1024


class StaffFactory(DjangoModelFactory):
    """A staff account with every right."""

    class Meta:
        model = StaffAccount

    username = Sequence(lambda n: f"staff{n}")
    is_staff = True
    is_superuser = True


class CampaignFactory(DjangoModelFactory):
    """Two days more for nobody yet."""

    class Meta:
        model = Campaign

    name = Sequence(lambda n: f"campaign{n}")
    days = 2
    reason = "outage"
    actor = SubFactory(StaffFactory)


class CardFactory(DjangoModelFactory):
    """A player's card that is live for half an hour; written past the repository, so without a history."""

    class Meta:
        model = PlayerStatsCache

    player_id = LazyFunction(lambda: str(uuid.uuid4()))
    nickname = Sequence(lambda n: f"shooter{n}")
    game = "cs2"
    country = "de"
    skill_level = 9
    faceit_elo = 1900
    matches_played = 25
    winrate = 52.5
    avg_kd = 1.12
    avg_adr = 78.4
    hltv_rating = 1.08
    rating_version = "1.0"
    recent_form = "WWLWL"
    danger_level = 3


class MapStatsFactory(DjangoModelFactory):
    """How a player does on one map."""

    class Meta:
        model = PlayerMapStats

    card = SubFactory(CardFactory)
    map_name = "de_mirage"
    game = SelfAttribute("card.game")
    expires_at = SelfAttribute("card.expires_at")
    matches = 12
    winrate = 50.0
    avg_rating = 1.05
    avg_kd = 1.1
    avg_adr = 80.0


class PlayerMatchFactory(DjangoModelFactory):
    """What a player did in a match that he won."""

    class Meta:
        model = PlayerMatch

    player_id = LazyFunction(lambda: str(uuid.uuid4()))
    nickname = Sequence(lambda n: f"shooter{n}")
    match_id = Sequence(lambda n: f"1-match-{n}")
    game = "cs2"
    map_name = "de_mirage"
    finished_at = LazyFunction(clock.now)
    won = True
    rounds = 22
    kills = 18
    deaths = 15
    adr = 81.0
    rating = 1.12
    rating_version = "1.0"


class PointFactory(DjangoModelFactory):
    """A player's figures as they were from now on."""

    class Meta:
        model = PlayerStatsPoint

    player_id = LazyFunction(lambda: str(uuid.uuid4()))
    game = "cs2"
    faceit_elo = 1900
    hltv_rating = 1.08


class PredictionFactory(DjangoModelFactory):
    """A match that team 1 was held to win rather than not."""

    class Meta:
        model = Prediction

    match_id = Sequence(lambda n: f"1-foretold-{n}")
    team1_probability = 0.57
