"""What the contract test needs to know of each repository; a repository that is missing here fails it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from analytics.models import Metric
from analytics.repositories import AnalyticsRepository
from faceitbot.core import clock
from faceitbot.core.ledger import LedgerRepository
from faceitbot.core.repository import BaseRepository
from matches.repositories import MatchCacheRepository, MatchRepository
from stats.repositories import StatsRepository
from subscriptions.models import UserSubscription
from subscriptions.repositories import (
    CampaignRepository,
    GrantRepository,
    OrderRepository,
    PaymentCaseRepository,
    PaymentRepository,
    ReferralRepository,
    StarTransactionRepository,
    SubscriptionRepository,
)
from tests.factories import (
    CampaignFactory,
    CardFactory,
    GrantFactory,
    MapStatsFactory,
    MatchAnalysisFactory,
    MatchCacheFactory,
    OrderFactory,
    PaymentCaseFactory,
    PaymentFactory,
    ReferralFactory,
    StarTransactionFactory,
    UserFactory,
)
from users.models import User, UserActivity
from users.repositories import UserRepository

OWNER = UUID("4f1b0c9e-3a53-4bd1-9d6f-0f7a0b7a1c11")  # of rows that are somebody's
EVER = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


@dataclass(frozen=True)
class Sample:
    """How to make rows of one repository, and what clashes."""

    new: Callable[[int], dict[str, Any]]  # the input of `create` for the n-th row
    make: Callable[..., Any]  # the factory
    change: Mapping[str, Any]  # fields that `update` may change, with new values
    unique: str  # a field of `new` that no two rows share
    owned: str  # a field that only a rule of the domain may write
    order: str  # a field to order by, different in each row of `new`
    relate: Mapping[str, Callable[[Any], object]]  # for each relation, what makes a related row
    # For each cached method, the arguments with which it shows a row.
    cached: Mapping[str, Callable[[Any], tuple[Any, ...]]]
    # Makes what rows need that stand for themselves nowhere.
    before: Callable[[], object] = lambda: None


def make_owner() -> User:
    """Make the user whose rows they are."""
    owner: User = UserFactory.create(id=OWNER)
    return owner


SAMPLES: dict[type[BaseRepository[Any]], Sample] = {
    UserRepository: Sample(
        new=lambda n: {
            "telegram_id": 6_000_000_000 + n,
            "faceit_nickname": f"игрок{n}",
            "faceit_player_id": f"player-{n}",
        },
        make=UserFactory,
        change={"language": "en", "waiting_for_nickname": True},
        unique="telegram_id",
        owned="total_requests",
        order="telegram_id",
        relate={
            "activity": lambda user: UserActivity.objects.create(user=user, hour=clock.now(), requests=1),
            "subscription": lambda user: UserSubscription.objects.get(user=user),
            "grants": lambda user: GrantFactory.create(user=user),
            "analyses": lambda user: MatchAnalysisFactory.create(user=user),
            "payments": lambda user: PaymentFactory.create(order__user=user),
        },
        cached={
            "get_by_id": lambda user: (user.pk,),
            "get_by_telegram_id": lambda user: (user.telegram_id,),
            "get_by_faceit_id": lambda user: (user.faceit_player_id,),
            "get_by_nickname": lambda user: (user.faceit_nickname,),
            "get_user_stats": lambda _user: (),
            "get_top_active_users": lambda _user: (5,),
        },
    ),
    MatchRepository: Sample(
        new=lambda n: {
            "user_id": OWNER,
            "match_id": f"1-{n:06}",
            "map_name": "de_nuke",
            "team1_analysis": {"players": [{"nickname": f"игрок{n}", "kd": 1.25}]},
        },
        make=MatchAnalysisFactory,
        change={"map_name": "de_mirage", "prediction": {"team1": 0.5}, "finished_at": EVER[0]},
        unique="match_id",
        owned="revision",
        order="match_id",
        relate={"user": lambda analysis: analysis.user},
        cached={
            "get_by_id": lambda analysis: (analysis.pk,),
            "get_by_match_id": lambda analysis: (analysis.match_id,),
            "get_popular_matches": lambda _analysis: (),
            "get_match_analysis_stats": lambda _analysis: (),
        },
        before=make_owner,
    ),
    MatchCacheRepository: Sample(
        new=lambda n: {
            "match_id": f"1-{n:06}",
            "match_data": {"teams": {"faction1": {"name": f"команда{n}"}}},
            "expires_at": EVER[1],
        },
        make=MatchCacheFactory,
        change={"match_stats": {"rounds": []}, "match_data": {"status": "FINISHED"}},
        unique="match_id",
        owned="access_count",
        order="match_id",
        relate={},
        cached={
            "get_by_id": lambda stored: (stored.pk,),
            "get_cached_match": lambda stored: (stored.match_id,),
            "get_cache_stats": lambda _stored: (),
        },
    ),
    StatsRepository: Sample(
        new=lambda n: {
            "player_id": f"player-{n}",
            "nickname": f"игрок{n}",
            "expires_at": EVER[1],
            "faceit_elo": 1_500,
            "hltv_rating": 1.05,
            "matches_played": 20 + n,
            "map_performance": {"de_nuke": {"matches": 10 + n, "winrate": 55.5, "avg_rating": 1.02}},
        },
        make=CardFactory,
        change={"nickname": "другой", "country": "fr"},
        unique="player_id",
        owned="user_id",
        order="matches_played",
        relate={
            "user": lambda card: StatsRepository.model.objects.filter(pk=card.pk).update(
                user=UserFactory.create()
            ),
            "maps": lambda card: MapStatsFactory.create(card=card),
        },
        cached={
            "get_by_id": lambda card: (card.pk,),
            "get_player_stats": lambda card: (card.player_id,),
            "get_player_stats_by_nickname": lambda card: (card.nickname,),
            "get_top_players_by_rating": lambda _card: (),
            "get_map_performance_stats": lambda _card: ("de_nuke",),
        },
    ),
}


# Repositories whose rows only rules of the domain write, each with what makes a row.
LEDGERS: dict[type[BaseRepository[Any]], Callable[[], Any]] = {
    SubscriptionRepository: lambda: UserSubscription.objects.create(user=UserFactory.create()),
    CampaignRepository: CampaignFactory.create,
    GrantRepository: GrantFactory.create,
    ReferralRepository: ReferralFactory.create,
    OrderRepository: OrderFactory.create,
    PaymentRepository: PaymentFactory.create,
    PaymentCaseRepository: PaymentCaseFactory.create,
    StarTransactionRepository: StarTransactionFactory.create,
    AnalyticsRepository: lambda: Metric.objects.create(name="user.created", value=1),
}


def writable_repositories() -> list[type[BaseRepository[Any]]]:
    """Give the repositories that anybody may write through."""
    return [
        repository for repository in product_repositories() if not issubclass(repository, LedgerRepository)
    ]


def product_repositories() -> list[type[BaseRepository[Any]]]:
    """Give every repository class of the product."""
    found: list[type[BaseRepository[Any]]] = []
    waiting = list(BaseRepository.__subclasses__())
    while waiting:
        candidate = waiting.pop()
        waiting += candidate.__subclasses__()
        if hasattr(candidate, "model") and not candidate.__module__.startswith(("tests.", "bench.")):
            found.append(candidate)
    return sorted(found, key=lambda repository: repository.__qualname__)
