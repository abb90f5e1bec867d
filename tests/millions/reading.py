"""How each method is called that reads, and which may read much."""

from collections.abc import Mapping
from datetime import timedelta

from faceitbot.core import clock
from subscriptions.payments.payloads import LegacyPayload
from tests.millions.calls import NOBODY, Asked, Figures

DAY = timedelta(days=1)
JOB = "expire_subscriptions"


def _last_days(days: int) -> dict[str, object]:
    now = clock.now()
    return {"start_date": now - days * DAY, "end_date": now}


ARGUMENTS: Mapping[str, Asked | Figures] = {
    "UserRepository.get_by_telegram_id": Asked(lambda k: (k.buyer.telegram_id,), lambda _k: (999_999,)),
    "UserRepository.get_by_faceit_id": Asked(lambda k: (k.buyer.faceit_player_id,), lambda _k: ("nobody",)),
    "UserRepository.get_by_nickname": Asked(lambda k: (k.buyer.faceit_nickname,), lambda _k: ("nobody",)),
    "UserRepository.get_user_with_subscription": Asked(
        lambda k: (k.buyer.telegram_id,), lambda _k: (999_999,)
    ),
    "UserRepository.get_user_with_full_data": Asked(lambda k: (k.buyer.telegram_id,), lambda _k: (999_999,)),
    "UserRepository.get_user_match_history": Asked(
        lambda k: (k.analysis.user.telegram_id,), lambda _k: (999_999,)
    ),
    "UserRepository.get_active_users": Asked(lambda _k: (7,), lambda _k: {"now": clock.now() + 90 * DAY}),
    "UserRepository.get_users_with_faceit_accounts": Figures(),
    "UserRepository.get_all_users_with_faceit_accounts": Figures(),
    "UserRepository._linked_after": Asked(lambda k: (k.buyer.pk,), lambda _k: ("f" * 32,)),
    "UserRepository.search_users_by_nickname": Asked(
        lambda k: (k.buyer.faceit_nickname[-6:],), lambda _k: ("nobody like that",)
    ),
    "UserRepository.get_activity_by_day": Figures(lambda k: (k.buyer.pk,)),
    "UserRepository.get_notes": Asked(lambda k: (k.note.user_id,), lambda _k: (NOBODY,)),
    "UserRepository.get_top_active_users": Figures(),
    "UserRepository.get_totals": Figures(),
    "UserRepository.get_user_stats": Figures(),
    "MatchRepository.get_by_match_id": Asked(lambda k: (k.analysis.match_id,), lambda _k: ("nobody",)),
    "MatchRepository.get_user_analyses": Asked(lambda k: (k.analysis.user_id,), lambda _k: (NOBODY,)),
    "MatchRepository.get_user_recent_analyses": Asked(lambda k: (k.analysis.user_id,), lambda _k: (NOBODY,)),
    "MatchRepository.get_unfinished_matches": Figures(),
    "MatchRepository.get_match_analysis_stats": Figures(),
    "MatchRepository.get_popular_matches": Figures(),
    "MatchRepository._people_with_old": Figures(lambda _k: (clock.now() - 30 * DAY, None)),
    "MatchCacheRepository.get_cached_match": Asked(lambda k: (k.body.match_id,), lambda _k: ("nobody",)),
    "MatchCacheRepository.get_cache_stats": Figures(),
    "StatsRepository.get_player_stats": Asked(lambda k: (k.cards[0].player_id,), lambda _k: ("nobody",)),
    "StatsRepository.get_player_stats_by_nickname": Asked(
        lambda k: (k.cards[0].nickname,), lambda _k: ("nobody",)
    ),
    "StatsRepository.get_team_stats": Asked(
        lambda k: ([card.player_id for card in k.cards[:5]],), lambda _k: (["nobody", "no one"],)
    ),
    "StatsRepository.compare_teams": Figures(
        lambda k: ([card.player_id for card in k.cards[:5]], [card.player_id for card in k.cards[5:]])
    ),
    "StatsRepository.analyze_player_trends": Figures(lambda k: (k.player.player_id,)),
    "StatsRepository.get_points": Asked(lambda k: (k.player.player_id,), lambda _k: ("nobody",)),
    "StatsRepository.get_players_by_danger_level": Asked(lambda _k: (5,), lambda _k: (5, "dota2")),
    "StatsRepository.search_players_by_skill_range": Asked(lambda _k: (9, 10), lambda _k: (9, 10, "dota2")),
    "StatsRepository.get_top_players_by_rating": Asked(lambda _k: (), lambda _k: ("dota2",)),
    "StatsRepository.get_map_performance_stats": Figures(lambda _k: ("de_nuke",)),
    "StatsRepository.get_cache_statistics": Figures(),
    "StatsRepository.get_prediction_quality": Figures(),
    "SubscriptionRepository.can_make_request": Asked(lambda k: (k.buyer.pk,), lambda _k: (NOBODY,)),
    "SubscriptionRepository.get_by_user_id": Asked(lambda k: (k.buyer.pk,), lambda _k: (NOBODY,)),
    "SubscriptionRepository.get_by_telegram_user_id": Asked(
        lambda k: (k.buyer.telegram_id,), lambda _k: (999_999,)
    ),
    "SubscriptionRepository.get_entitlements": Figures(lambda k: (k.buyer.pk,)),
    "SubscriptionRepository.get_grants": Asked(lambda k: (k.buyer.pk,), lambda _k: (NOBODY,)),
    "SubscriptionRepository.explain_access": Asked(lambda k: (k.buyer.pk,), lambda _k: (NOBODY,)),
    "SubscriptionRepository.get_plans": Figures(),
    "SubscriptionRepository.get_expiring_subscriptions": Asked(
        lambda _k: (), lambda _k: {"days_ahead": 1, "now": clock.now() - 900 * DAY}
    ),
    "SubscriptionRepository.get_subscription_stats": Figures(),
    "SubscriptionRepository.get_tiers_in_force": Figures(),
    "PaymentRepository.get_by_charge_id": Asked(
        lambda k: (k.payment.telegram_payment_charge_id,), lambda _k: ("nobody",)
    ),
    "PaymentRepository.get_user_payments": Asked(lambda k: (k.buyer.pk,), lambda _k: (NOBODY,)),
    "PaymentRepository.complete_payment": Asked(
        lambda k: (k.payment.pk, k.payment.telegram_payment_charge_id), lambda _k: (NOBODY, "nobody")
    ),
    "PaymentRepository.get_open_cases": Asked(lambda _k: (), lambda _k: (1_000_000,)),
    "PaymentRepository.get_payments_to_review": Asked(lambda _k: (), lambda _k: (1_000_000,)),
    "PaymentRepository.get_month_report": Figures(lambda _k: (clock.today() - 40 * DAY,)),
    "PaymentRepository.get_revenue_stats": Figures(lambda _k: _last_days(1)),
    "PaymentRepository.get_star_sync": Figures(),
    "PaymentRepository.is_star_sync_requested": Figures(),
    "PaymentRepository.is_selling": Figures(),
    "PaymentRepository._compare_recent": Figures(),
    "PaymentRepository._offer": Asked(lambda k: (k.payment.order.payload,), lambda _k: ("pay:nobody",)),
    "PaymentRepository._legacy_offer": Asked(
        lambda k: (LegacyPayload("premium", "monthly", k.buyer.telegram_id),),
        lambda _k: (LegacyPayload("premium", "monthly", 999_999),),
    ),
    "CampaignRepository.get_progress": Figures(lambda k: (k.campaign.pk,)),
    "CampaignRepository.get_running": Figures(),
    "JobRuns.get_beginning": Figures(),
    "JobRuns.get_histories": Asked(lambda _k: ([JOB],), lambda _k: (["nobody"],)),
    "JobRuns.get_last_done": Asked(lambda _k: (JOB,), lambda _k: ("nobody",)),
    "JobRuns.get_last_runs": Asked(lambda _k: ([JOB],), lambda _k: (["nobody"],)),
    "_Analyst.build_analysis": Figures(lambda _k: ("nobody",)),
    "_Analyst.players_to_ask": Figures(lambda _k: ("nobody",)),
    "AnalyticsRepository.aggregate_daily_metrics": Figures(lambda _k: (clock.today() - DAY,)),
    "AnalyticsRepository.get_churn": Figures(lambda _k: _last_days(7)),
    "AnalyticsRepository.get_funnel": Figures(lambda _k: _last_days(7)),
    "AnalyticsRepository.get_live_figures": Figures(),
    "AnalyticsRepository.get_live_figures_a_week_before": Figures(),
    "AnalyticsRepository.get_live_series": Figures(),
    "AnalyticsRepository.get_performance_metrics": Figures(),
    "AnalyticsRepository.get_realtime_dashboard": Figures(),
    "AnalyticsRepository.get_referral_performance": Figures(lambda _k: _last_days(7)),
    "AnalyticsRepository.get_retention_cohorts": Figures(),
    "AnalyticsRepository.get_revenue_analytics": Figures(lambda _k: _last_days(7)),
    "AnalyticsRepository.get_revenue_by_tier": Figures(lambda _k: _last_days(7)),
    "AnalyticsRepository.get_usage_patterns": Figures(),
    "AnalyticsRepository.get_user_activity_metrics": Figures(lambda _k: _last_days(7)),
    "AnalyticsRepository.get_user_engagement_stats": Figures(),
}
_PEOPLE = "a sum over people or money, of which `prove roll_ups_in_years` bounds what it reads"
_ALL = "counts the whole table, exactly; dashboards ask roll-ups"
# Which read much among millions of rows, and why they may.
COUNTING: Mapping[str, str] = {
    **{
        f"AnalyticsRepository.{name}": _PEOPLE
        for name in (
            "get_churn",
            "get_funnel",
            "get_live_series",
            "get_retention_cohorts",
            "get_revenue_analytics",
            "get_revenue_by_tier",
            "get_usage_patterns",
            "get_user_activity_metrics",
            "get_user_engagement_stats",
        )
    },
    **{
        f"{name}.get_stats": _ALL
        for name in (
            "AnalyticsRepository",
            "GrantRepository",
            "MatchCacheRepository",
            "MatchRepository",
            "OrderRepository",
            "PaymentCaseRepository",
            "PaymentRepository",
            "ReferralRepository",
            "StarTransactionRepository",
            "StatsRepository",
            "SubscriptionRepository",
            "UserRepository",
        )
    },
    "MatchCacheRepository.get_cache_stats": "counts all bodies; cached",
    "MatchRepository.get_match_analysis_stats": "without dates it counts all analyses; cached",
    "MatchRepository._people_with_old": "of a job: all analyses of five hundred people",
    "PaymentRepository._compare_recent": "a month of Stars beside the payments, once a sync",
    "PaymentRepository.get_month_report": "two months of money, for one page of the staff",
    "StatsRepository.get_cache_statistics": "counts all cards, for staff",
    "StatsRepository.get_map_performance_stats": "the means of a map, from an index alone; cached",
    "StatsRepository.get_prediction_quality": "a month of predictions, from an index alone",
    "SubscriptionRepository.get_subscription_stats": _ALL,
    "SubscriptionRepository.get_tiers_in_force": "counts the living to know who is free",
    "UserRepository.get_all_users_with_faceit_accounts": "gives all; `iter_...` goes through any number",
    "UserRepository.get_totals": _ALL,
    "UserRepository.get_user_stats": "counts all users; cached",
}
GIVES_ALL = {"UserRepository.get_all_users_with_faceit_accounts"}
# Hot methods that add a row and look for none.
ADDING = {"AnalyticsRepository.record_metric"}
