"""What each job does, as one function that gives the figures of its result.

All of it may be killed anywhere and done again.
"""

from collections.abc import Mapping

from django.contrib.sessions.models import Session

from analytics.errors import AlreadyRunning
from analytics.repositories import AnalyticsRepository, RollUpRepository
from faceitbot.core import clock
from faceitbot.core.attempts import Plan, run
from faceitbot.core.integrity import scan
from faceitbot.core.job_runs import JobRuns
from faceitbot.core.monitoring.error_rows import prune_errors
from faceitbot.core.monitoring.samples import prune_samples
from faceitbot.personal.forgetting import prune_personal_data
from matches.repositories import MatchCacheRepository, MatchRepository
from stats.repositories import StatsRepository
from subscriptions.campaign_work import work_off
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from users.repositories import UserRepository

Figures = Mapping[str, int]
SESSION_SECONDS = 60.0


def expire_subscriptions() -> Figures:
    """Move on what is over; the notices about that, and about what ends soon, are written with it."""
    return {"moved_on": len(SubscriptionRepository().check_and_expire_subscriptions.blocking())}


def run_campaigns() -> Figures:
    """Give what running campaigns give."""
    return {"given": sum(batch.done for batch in work_off())}


def settle_stars() -> Figures:
    """Settle Telegram's transactions that a bot has only mirrored before it was cut off."""
    report = PaymentRepository().settle_what_was_left.blocking()
    return {"recovered": len(report.recovered), "refunded_there": len(report.refunded_there)}


def update_rollups() -> Figures:
    """Sum up what is over. Somebody who does so by hand does it for us, too."""
    try:
        report = RollUpRepository().update_roll_ups.blocking()
    except AlreadyRunning:
        return {"done_by_another": 1}
    return {"late_hours": report.late_hours}


def fold_activity() -> Figures:
    """Make days of old hours of activity."""
    return {"folded": UserRepository().fold_old_activity.blocking()}


def clear_match_cache() -> Figures:
    """Delete stored matches that are no longer good."""
    return {"deleted": MatchCacheRepository().cleanup_expired_cache.blocking()}


def prune_matches() -> Figures:
    """Let go of old analyses."""
    return {"deleted": MatchRepository().cleanup_old_analyses.blocking()}


def prune_stats() -> Figures:
    """Let go of cards that expired long ago, and of old history."""
    repository = StatsRepository()
    cards = repository.cleanup_expired_stats.blocking()
    history = repository.cleanup_old_history.blocking()
    return {"cards": cards, "points": history.points, "matches": history.matches}


def prune_metrics() -> Figures:
    """Let go of old metrics."""
    return {"deleted": AnalyticsRepository().cleanup_old_metrics.blocking()}


def forget_personal_data() -> Figures:
    """Forget what was kept about people for a while."""
    return dict(prune_personal_data())


def clear_sessions() -> Figures:
    """Delete the sessions of staff that are over."""
    over = Session.objects.filter(expire_date__lt=clock.now())
    deleted, _by_table = run(over.delete, Plan("clear_sessions", budget_seconds=SESSION_SECONDS))
    return {"deleted": deleted}


def prune_job_runs() -> Figures:
    """Let go of what was noted about jobs long ago."""
    deleted = 0
    while pruned := JobRuns().prune.blocking():
        deleted += pruned
    return {"deleted": deleted}


def prune_monitoring() -> Figures:
    """Let go of old samples of processes, and of errors that nobody has met for long."""
    return {"samples": prune_samples(), "errors": prune_errors()}


def check_integrity() -> Figures:
    """Look whether what is stored is true; which claims are broken, by how many rows, is in the figures."""
    found = {claim.name: len(rows) for claim, rows in scan()}
    broken = {name: rows for name, rows in found.items() if rows}
    return {"claims": len(found), "broken": len(broken), **broken}
