"""The usage that bot developers were promised, call by call."""

from matches.repositories import MatchRepository
from users.repositories import UserRepository


async def test_analyse_a_match_and_look_back(both_ways):
    user = await UserRepository().create_user(123456789)
    analysis_results = {"team1_analysis": {"players": []}, "prediction": {"team1": 0.5}}

    match_repo = MatchRepository()

    # Create match analysis
    analysis = await match_repo.create_analysis(
        user_id=user.id,
        match_id="match-123",
        analysis_data=analysis_results,
        processing_time_ms=15000,
    )

    # Get user's analysis history
    history = await match_repo.get_user_analyses(
        user.id,
        limit=20,
    )

    assert history == [analysis]
    assert (history[0].match_id, history[0].processing_time_ms) == ("match-123", 15000)
    assert history[0].prediction == {"team1": 0.5}
    assert await match_repo.get_by_match_id("match-123") == analysis
