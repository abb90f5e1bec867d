"""Rows for the walk: one maker for each model that has admin pages."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.auth.models import User as StaffAccount
from django.db.models import Model

from analytics.models import Metric
from faceitbot.core import clock
from faceitbot.core.models import AuditEntry, ErrorGroup, JobOutcome, JobRun
from faceitbot.models import ImportRun
from matches.models import MatchAnalysis, MatchCache
from stats.models import PlayerMatch, PlayerStatsCache, PlayerStatsPoint, Prediction
from subscriptions.models import (
    Campaign,
    Grant,
    Notice,
    Order,
    Payment,
    PaymentCase,
    PlanPrice,
    Referral,
    ReferralProgramme,
    StarTransaction,
    TierLimits,
    UserSubscription,
)
from tests.admin.imports import an_import
from tests.factories import (
    CampaignFactory,
    CardFactory,
    GrantFactory,
    MatchAnalysisFactory,
    MatchCacheFactory,
    MetricFactory,
    OrderFactory,
    PaymentCaseFactory,
    PaymentFactory,
    PlayerMatchFactory,
    PointFactory,
    PredictionFactory,
    ReferralFactory,
    StaffFactory,
    StarTransactionFactory,
    UserFactory,
)
from users.models import User


def _audit_entry(number: int) -> AuditEntry:
    actor = StaffFactory.create(username=f"actor{number}")
    return AuditEntry.objects.create(
        actor=actor, action="user.blocked", object_label="users.user", object_id=str(number)
    )


def _job_run(number: int) -> JobRun:
    now = clock.now()
    return JobRun.objects.create(
        name=f"job{number}",
        started_at=now,
        ended_at=now,
        outcome=JobOutcome.DONE,
        figures={"done": number},
        process="host:1",
        alive_until=now,
    )


def _error_group(number: int) -> ErrorGroup:
    now = clock.now()
    return ErrorGroup.objects.create(
        method=f"UserRepository.method{number}",
        error_class="DatabaseUnavailable",
        count=number,
        first_seen=now,
        last_seen=now,
        last_correlation_id="4f1b0c9e",
    )


def _notice(number: int) -> Notice:
    return Notice.objects.create(user=UserFactory.create(), kind="expired", subject=str(number))


MAKERS: dict[type[Model], Callable[[int], Any]] = {
    User: lambda _number: UserFactory(),
    AuditEntry: _audit_entry,
    ImportRun: lambda number: an_import(file_name=f"data{number}.json"),
    JobRun: _job_run,
    ErrorGroup: _error_group,
    StaffAccount: lambda number: StaffFactory(username=f"colleague{number}"),
    UserSubscription: lambda _number: UserSubscription.objects.create(user=UserFactory.create()),
    Campaign: lambda number: CampaignFactory.create(
        name=f"Сбой {number}", reason="сбой", actor=StaffFactory.create()
    ),
    Grant: lambda _number: GrantFactory.create(),
    Referral: lambda _number: ReferralFactory.create(),
    Notice: _notice,
    Order: lambda _number: OrderFactory.create(),
    Payment: lambda _number: PaymentFactory.create(),
    PaymentCase: lambda _number: PaymentCaseFactory.create(),
    StarTransaction: lambda _number: StarTransactionFactory.create(),
    TierLimits: lambda number: TierLimits.objects.all()[number % 3],
    PlanPrice: lambda number: PlanPrice.objects.all()[number % 4],
    ReferralProgramme: lambda _number: ReferralProgramme.objects.get(),
    MatchAnalysis: lambda _number: MatchAnalysisFactory.create(),
    MatchCache: lambda _number: MatchCacheFactory.create(),
    PlayerStatsCache: lambda _number: CardFactory.create(),
    PlayerMatch: lambda _number: PlayerMatchFactory.create(),
    PlayerStatsPoint: lambda _number: PointFactory.create(),
    Prediction: lambda _number: PredictionFactory.create(),
    Metric: lambda number: MetricFactory.create(name=f"name.number{number}"),
    Group: lambda number: Group.objects.create(name=f"group{number}"),
}


def make_rows(model: type[Model], first: int, count: int) -> list[Any]:
    """Make rows that the pages of a model show."""
    assert model in MAKERS, f"{model._meta.label} has admin pages, so tests/admin/rows.py must make its rows"
    return [MAKERS[model](number) for number in range(first, first + count)]
