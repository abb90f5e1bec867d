"""What is old goes, but for what each user's plan keeps, and for matches that go on."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from faceitbot.core import clock
from faceitbot.core.errors import DatabaseUnavailable, InvalidInput
from matches import keeping
from matches.models import MatchAnalysis, MatchCache
from matches.repositories import MatchCacheRepository, MatchRepository, pruning
from subscriptions.models import TierLimits
from subscriptions.repositories import SubscriptionRepository
from tests.factories import MatchAnalysisFactory, MatchCacheFactory
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
repository, users, access = MatchRepository(), UserRepository(), SubscriptionRepository()
KEPT = {"free": 2, "premium": 3, "pro": 5}


@pytest.fixture(autouse=True)
def _short_histories(db):
    for tier, number in KEPT.items():
        TierLimits.objects.filter(pk=tier).update(matches_history=number)


def somebody(telegram_id, tier="free", number=8, age_days=40, status="finished"):
    user = users.create_user.blocking(telegram_id)
    if tier != "free":
        access.upgrade_subscription.blocking(user.pk, tier, 30)
    for n in range(number):
        MatchAnalysisFactory.create(
            user=user,
            match_id=f"1-{n}",
            status=status,
            analysed_at=clock.now() - timedelta(days=age_days, hours=n),
        )
    return user


def left(user):
    return sorted(MatchAnalysis.objects.filter(user=user).values_list("match_id", flat=True))


def test_each_user_keeps_his_newest_as_his_plan_says():
    people = {tier: somebody(n, tier) for n, tier in enumerate(KEPT, 1)}

    deleted = repository.cleanup_old_analyses.blocking()

    assert deleted == 3 * 8 - sum(KEPT.values())
    assert {tier: left(user) for tier, user in people.items()} == {
        tier: [f"1-{n}" for n in range(number)] for tier, number in KEPT.items()
    }
    assert repository.cleanup_old_analyses.blocking() == 0


def test_a_plan_that_is_over_keeps_what_a_free_one_keeps():
    user = somebody(1, "pro")

    repository.cleanup_old_analyses.blocking(now=clock.now() + timedelta(days=31))

    assert len(left(user)) == KEPT["free"]


def test_what_is_young_or_goes_on_stays_and_counts_as_his_newest():
    young, playing = somebody(1, age_days=10), somebody(2, status="ongoing")
    both = somebody(3, age_days=10, number=1)
    for n in range(2):
        MatchAnalysisFactory.create(
            user=both,
            match_id=f"1-old{n}",
            status="cancelled",
            analysed_at=clock.now() - timedelta(days=50 + n),
        )

    assert repository.cleanup_old_analyses.blocking(30) == 1

    assert (len(left(young)), len(left(playing)), left(both)) == (8, 8, ["1-0", "1-old0"])


def test_pruning_goes_on_batch_by_batch(monkeypatch):
    monkeypatch.setattr(pruning, "PEOPLE", 2)
    people = [somebody(n) for n in range(1, 6)]

    assert repository.cleanup_old_analyses.blocking() == 5 * 6

    assert {len(left(user)) for user in people} == {2}


def test_a_deleted_analysis_is_not_served_any_more(both_ways_blocking):
    user = somebody(1, number=3)
    assert repository.get_by_match_id.blocking("1-2") is not None

    repository.cleanup_old_analyses.blocking()

    assert left(user) == ["1-0", "1-1"]
    assert repository.get_by_match_id.blocking("1-2") is None


@pytest.fixture
def both_ways_blocking(transactional_db):
    """Committed data, so that the cache takes part."""
    for tier, number in KEPT.items():
        TierLimits.objects.filter(pk=tier).update(matches_history=number)


def test_nothing_is_deleted_while_nobody_knows_what_to_keep(monkeypatch):
    user = somebody(1)
    monkeypatch.setattr(keeping, "_known", [])

    with pytest.raises(LookupError):
        repository.cleanup_old_analyses.blocking()

    assert len(left(user)) == 8


@pytest.mark.parametrize("wrong", [0, -1, True, "30", 4_000])
def test_a_number_of_days_that_is_none_is_refused(wrong):
    with pytest.raises(InvalidInput, match="days_old"):
        repository.cleanup_old_analyses.blocking(wrong)


# ---- The command


def run(*arguments):
    output = StringIO()
    call_command("prune_matches", *arguments, stdout=output)
    return output.getvalue().strip()


def test_the_command_prunes_both_and_says_how_much():
    user = somebody(1)
    MatchCacheFactory.create(expires_at=clock.now() - timedelta(minutes=1))
    good = MatchCacheFactory.create()

    assert run("--dry-run") == "Dry run, nothing written: 6 analyses and 1 stored matches deleted."
    assert (len(left(user)), MatchCache.objects.count()) == (8, 2)
    assert run() == "6 analyses and 1 stored matches deleted."
    assert run("--days", "3") == "0 analyses and 0 stored matches deleted."

    assert (len(left(user)), list(MatchCache.objects.all())) == (2, [good])


def test_the_command_ends_as_scripts_expect(monkeypatch):
    with pytest.raises(CommandError, match="days_old") as refused:
        run("--days", "0")

    def away(_repository, **_):
        raise DatabaseUnavailable("away")

    monkeypatch.setattr(MatchCacheRepository, "cleanup_expired_cache", type("M", (), {"blocking": away})())
    with pytest.raises(CommandError, match="run it again") as unavailable:
        run()

    assert (refused.value.returncode, unavailable.value.returncode) == (2, 3)
