"""What the apps above may hear about matches.

`match_ended` is sent inside the transaction that learns that a match is over, each time that it is learnt, so
receivers must not mind hearing of it twice: `match_ended.send(sender=MatchAnalysis, match_id=str,
status=MatchStatus, winner="team1" | "team2" | None, finished_at=datetime | None, now=datetime | None)`.
`status` is one of `OVER`. Nobody wins a match that was cancelled or aborted; a finished one without a winner
has one who is not known yet. `finished_at` is when it ended, where that is told; `now` is the moment that the
writer was given. A receiver that raises undoes what was recorded.
"""

from django.dispatch import Signal

match_ended = Signal()
