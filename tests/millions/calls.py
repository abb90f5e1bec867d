"""The methods that repositories have, found by their decorators, and what they are called with."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from inspect import getattr_static
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User as StaffAccount
from django.db.models import QuerySet

from analytics.repositories import AnalyticsRepository
from faceitbot.core.repository import BaseRepository
from faceitbot.core.transactions import Body
from matches.models import MatchAnalysis, MatchCache
from stats.models import PlayerMatch, PlayerStatsCache, Prediction
from subscriptions.models import Campaign, Payment, UserSubscription
from tests.factories import UserFactory
from tests.millions.years import ACCOUNT, NOBODY_HAS
from tests.repositories.samples import SAMPLES
from users.models import User, UserNote

NOBODY = UUID(int=7)
PRODUCT = ("analytics", "faceitbot", "matches", "stats", "subscriptions", "users")
# What rows of a ledger are looked up by.
KEYS = {
    "AnalyticsRepository": "name",
    "CampaignRepository": "id",
    "GrantRepository": "user_id",
    "OrderRepository": "payload",
    "PaymentCaseRepository": "charge_id",
    "PaymentRepository": "telegram_payment_charge_id",
    "ReferralRepository": "code",
    "StarTransactionRepository": "transaction_id",
    "SubscriptionRepository": "user_id",
}


@dataclass(frozen=True)
class Method:
    """A method of one repository; `body` is what its decorators have made of it, without the cache."""

    repository: type[Any]
    name: str
    body: Body[Any, Any, Any]

    def __str__(self) -> str:
        return f"{self.repository.__name__}.{self.name}"

    @property
    def reads(self) -> bool:
        """Whether it stands under `@query`."""
        return not self.body.atomic and self.body._plan.repeatable

    @property
    def bound(self) -> Any:
        """The method of a new repository, without the cache."""
        return self.body.__get__(self.repository(), self.repository)


def methods() -> list[Method]:
    """Give every decorated method of every class of the product that has some, inherited ones included."""
    return [
        Method(owner, name, body)
        for owner in owners()
        for name in dir(owner)
        if isinstance(body := uncached(owner, name), Body)
    ]


def uncached(owner: type[Any], name: str) -> Any:
    attribute = getattr_static(owner, name)
    return getattr(attribute, "_body", attribute)


def owners() -> list[type[Any]]:
    """Give the classes with decorated methods that no other such class inherits."""
    modules = [module for name, module in sys.modules.items() if name.split(".")[0] in PRODUCT]
    found = {
        each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type) and each.__module__ == module.__name__ and has_methods(each)
    }
    return sorted(
        (each for each in found if not any(each is not other and issubclass(other, each) for other in found)),
        key=lambda each: each.__name__,
    )


def has_methods(candidate: type[Any]) -> bool:
    return any(isinstance(uncached(candidate, name), Body) for name in dir(candidate))


def first(rows: QuerySet[Any]) -> Any:
    """Give a row that is surely there."""
    found = rows.first()
    assert found is not None
    return found


class Known:
    """Rows to ask for, of which each has what the calls want to see."""

    def row(self, repository: type[BaseRepository[Any]]) -> Any:
        """Give a row of a repository whose key is not NULL."""
        key = key_of(repository)
        rows = repository.model._default_manager.filter(**{f"{key}__isnull": False})
        if repository is AnalyticsRepository:
            return first(rows.filter(name="payment.refunded"))  # few have it
        return first(rows.exclude(**{key: ""}) if key == "charge_id" else rows.order_by("pk"))

    @cached_property
    def buyer(self) -> User:
        """Has a FACEIT account, payments, grants and a code."""
        codes = UserSubscription.objects.filter(referral_code__isnull=False).values("user_id")
        bought = Payment.objects.filter(status="completed", user__faceit_player_id__isnull=False)
        return first(bought.filter(user_id__in=codes).order_by("-created_at")).user

    @cached_property
    def payment(self) -> Payment:
        return first(Payment.objects.filter(user=self.buyer, status="completed"))

    @cached_property
    def analysis(self) -> MatchAnalysis:
        return first(MatchAnalysis.objects.newest_first())

    @cached_property
    def body(self) -> MatchCache:
        return first(MatchCache.objects.order_by("-expires_at"))

    @cached_property
    def cards(self) -> list[PlayerStatsCache]:
        return list(PlayerStatsCache.objects.filter(game="cs2").order_by("-expires_at", "pk")[:10])

    @cached_property
    def player(self) -> PlayerMatch:
        """Has a history."""
        return first(PlayerMatch.objects.order_by("-played_at"))

    @cached_property
    def newcomer(self) -> User:
        return UserFactory.create(telegram_id=NOBODY_HAS - 1)

    @cached_property
    def code(self) -> str:
        """Somebody's who is not the newcomer."""
        found = UserSubscription.objects.get(user=self.buyer).referral_code
        assert found is not None
        return found

    @cached_property
    def prediction(self) -> Prediction:
        """Of a match that is not over."""
        return first(Prediction.objects.filter(ended_at__isnull=True).order_by("-made_at"))

    @cached_property
    def campaign(self) -> Campaign:
        return first(Campaign.objects.all())

    @cached_property
    def note(self) -> UserNote:
        return first(UserNote.objects.order_by("-created_at"))

    @cached_property
    def staff(self) -> Any:
        return StaffAccount.objects.get(username=ACCOUNT)


@dataclass(frozen=True)
class Call:
    """A call of a method, and whether it is to find something; None: it gives figures either way."""

    method: Method
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]
    finds: bool | None


Arguments = Callable[[Known], tuple[Any, ...] | Mapping[str, Any]]


@dataclass(frozen=True)
class Asked:
    """How a method is called: so that it finds rows, so that it finds none."""

    finding: Arguments
    nothing: Arguments


@dataclass(frozen=True)
class Figures:
    """How a method is called that gives figures, whatever there is."""

    asking: Arguments = lambda _known: ()


def calls_of(method: Method, known: Known, arguments: Mapping[str, Asked | Figures]) -> Iterator[Call]:
    """Give the calls of a method. Errors: `KeyError` for one that has no arguments."""
    if issubclass(method.repository, BaseRepository) and hasattr(BaseRepository, method.name):
        asked = of_every_repository(method.repository)[method.name]
    else:
        asked = arguments[str(method)]
    if isinstance(asked, Figures):
        yield call(method, asked.asking(known), None)
    else:
        yield call(method, asked.finding(known), True)
        yield call(method, asked.nothing(known), False)


def call(method: Method, given: tuple[Any, ...] | Mapping[str, Any], finds: bool | None) -> Call:
    if isinstance(given, tuple):
        return Call(method, given, {}, finds)
    return Call(method, (), given, finds)


def key_of(repository: type[BaseRepository[Any]]) -> str:
    return SAMPLES[repository].unique if repository in SAMPLES else KEYS[repository.__name__]


def of_every_repository(repository: type[BaseRepository[Any]]) -> dict[str, Asked | Figures]:
    """Give how the methods are called that all repositories have."""
    key = key_of(repository)
    missing: Any = "nobody"
    if key in ("user_id", "id"):
        missing = NOBODY
    elif key == "telegram_id":
        missing = 999_999

    def its(known: Known) -> Any:
        return getattr(known.row(repository), key)

    return {
        "get_by_id": Asked(lambda k: (k.row(repository).pk,), lambda _k: (NOBODY,)),
        "exists": Asked(lambda k: (k.row(repository).pk,), lambda _k: (NOBODY,)),
        "get_with_relationships": Asked(
            lambda k: (k.row(repository).pk, sorted(repository.relationships)),
            lambda _k: (NOBODY, sorted(repository.relationships)),
        ),
        "find_one": Asked(lambda _k: (None,), lambda _k: ({key: missing},)),
        "get_all": Asked(lambda _k: (), lambda _k: {"filters": {key: missing}}),
        "get_values": Asked(
            lambda _k: ([key, repository.newest],), lambda _k: {"fields": [key], "filters": {key: missing}}
        ),
        "find_by_field": Asked(lambda k: (key, its(k)), lambda _k: (key, missing)),
        "count": Asked(lambda k: ({key: its(k)},), lambda _k: ({key: missing},)),
        "get_stats": Figures(),
        "_invalidate_cache": Figures(lambda _k: (f"{repository.model._meta.db_table}:nobody:*",)),
    }
