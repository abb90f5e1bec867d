"""What the apps above may hear about matches.

`match_ended` is sent inside the transaction that learns how a match ended, each time that it is learnt, so
receivers must not mind hearing of it twice:
`match_ended.send(sender=MatchAnalysis, match_id=str, winner="team1" | "team2" | None)`. None says that the
match was cancelled or aborted. A match that has ended with a winner who is not known yet is not told of.
A receiver that raises undoes what was recorded.
"""

from django.dispatch import Signal

match_ended = Signal()
