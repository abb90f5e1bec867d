"""The usage that bot developers were promised, call by call."""

from stats.repositories import StatsRepository

player_statistics = {
    "skill_level": 9,
    "faceit_elo": 1987,
    "winrate": 54.0,
    "avg_kd": 1.12,
    "avg_adr": 79.3,
    "hltv_rating": 1.07,
    "recent_form": "WWLWL",
    "danger_level": 3,
    "map_performance": {"Mirage": {"matches": 31, "winrate": 58.1}},
}


async def test_cache_a_player_and_get_a_team(both_ways):
    stats_repo = StatsRepository()

    # Cache player stats
    cached_stats = await stats_repo.cache_player_stats(
        player_id="player-uuid",
        nickname="PlayerName",
        stats_data=player_statistics,
        ttl_minutes=30,
    )

    # Get team analysis
    team_stats = await stats_repo.get_team_stats(["player1-uuid", "player2-uuid", "player3-uuid"])

    assert team_stats == []
    assert await stats_repo.get_team_stats(["player1-uuid", "player-uuid"]) == [cached_stats]
    found = await stats_repo.get_player_stats("player-uuid")
    assert (found.faceit_elo, found.hltv_rating, found.danger_level) == (1987, 1.07, 3)
    assert found.map_performance == {"de_mirage": {"matches": 31, "winrate": 58.1}}
    assert (await stats_repo.get_player_stats_by_nickname("playername")).pk == cached_stats.pk
