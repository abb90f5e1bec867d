"""What the bot's users come for: a match from what is stored about it and about its players.

`await build_analysis(match_id)` gives the dict that `MatchRepository.create_analysis` takes;
`await players_to_ask(match_id)` says of which players too little is known yet.
"""

from faceitbot.analysis.building import build_analysis, players_to_ask

__all__ = ["build_analysis", "players_to_ask"]
