"""Every page in every look: it fits the window, and the browser complains of nothing.

`python3 dev.py prove pictures` keeps the pictures in `pictures/`, and those of the README in `docs/images/`.
"""

import pytest
from django.urls import reverse

from examples import busy_month, nine_stories, sample_matches
from faceitbot.core import clock
from faceitbot.core.models import ErrorGroup, JobRun
from faceitbot.models import ImportRun
from matches.models import MatchAnalysis
from stats.models import PlayerStatsCache
from subscriptions.models import Payment
from tests.admin import night_shift
from tests.admin.browser import CHROMIUM
from tests.admin.imports import an_import
from users.models import User

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine"),
    pytest.mark.proof("pictures"),
]


PLAYING = 12
FULLEST = ("overview", "user", "payment", "analysis", "player", "health", "list_subscriptions_payment")


@pytest.fixture
def star(staff):
    """The user who has most to show, in a month of forty; others wait for an answer of support."""
    now = clock.now()
    user = busy_month.fill(now, staff)
    nine_stories.tell(now, nine_stories.Telegram())
    linked = User.objects.filter(faceit_player_id__isnull=False).order_by("telegram_id")
    sample_matches.fill(now, linked[:PLAYING])
    an_import(refused=120)
    night_shift.fill(now)
    return user


def pages(star):
    in_review = Payment.objects.filter(status="needs_review").earliest("created_at")
    finished = MatchAnalysis.objects.filter(status="finished").latest("finished_at")
    told = PlayerStatsCache.objects.order_by("-match_history_stats__matches", "player_id").first()
    lists = (
        "users_user",
        "subscriptions_payment",
        "subscriptions_grant",
        "core_auditentry",
        "faceitbot_importrun",
        "matches_matchanalysis",
        "stats_playerstatscache",
        "core_jobrun",
        "core_errorgroup",
    )
    failed = JobRun.objects.filter(outcome="failed").latest("started_at")
    unknown = ErrorGroup.objects.get(error_class="OutcomeUnknown")
    return {
        "overview": reverse("admin:index"),
        "user": reverse("admin:users_user_change", args=[star.pk]),
        "payment": reverse("admin:subscriptions_payment_change", args=[in_review.pk]),
        "month": reverse("admin:month_report"),
        "import": reverse("admin:faceitbot_importrun_change", args=[ImportRun.objects.get().pk]),
        "analysis": reverse("admin:matches_matchanalysis_change", args=[finished.pk]),
        "player": reverse("admin:stats_playerstatscache_change", args=[told.pk]),
        "health": reverse("admin:health"),
        "job": reverse("admin:core_jobrun_change", args=[failed.pk]),
        "error": reverse("admin:core_errorgroup_change", args=[unknown.pk]),
        **{f"list_{name}": reverse(f"admin:{name}_changelist") for name in lists},
    }


def test_every_page_fits_every_window(look_at, take, looks, staff, star, full_size):
    shown = pages(star)
    for look in looks:
        take(look_at(look, reverse("admin:login")), f"login_{look}")
        for name in shown if full_size else FULLEST:
            take(look_at(look, shown[name], staff), f"{name}_{look}")
