"""What is learnt about matches after they were analysed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from faceitbot.core import clock
from faceitbot.core.cache.caching import Caching
from faceitbot.core.errors import InvalidInput
from faceitbot.core.ids import faceit_id
from faceitbot.core.json_values import clean_json
from faceitbot.core.transactions import transactional
from faceitbot.faceit import Raw, decode_match
from faceitbot.faceit.loading import load
from matches.models import MatchAnalysis, MatchStatus
from matches.models.statuses import OVER, WITHOUT_WINNER, ReadStatus, read_status
from matches.repositories.bodies import MatchCacheRepository
from matches.signals import match_ended

_WINNERS = ("team1", "team2", None)


class EndingMethods(Caching):
    """Statuses, maps and times as FACEIT tells them, for all users who had a match analysed.

    A match that is over (finished, cancelled, aborted) does not begin again: an answer of FACEIT that comes
    late, or from a cache, changes nothing then. From one kind of end to another it does go, for matches are
    cancelled after they were played.
    """

    @transactional()
    def update_match_status(
        self,
        match_id: str,
        status: str,
        finished_at: datetime | None = None,
        winner: str | None = None,
        now: datetime | None = None,
    ) -> list[MatchAnalysis]:
        """Set the status of all analyses of a match; give those that took it, newest first.

        A status that is not known counts as scheduled, its text is kept. `match_ended` is sent for a match
        that is over, with the `winner`, "team1" or "team2", if that is told. A stored body that does not know
        of the end is good no longer.
        """
        match, read = faceit_id(match_id, "match_id"), read_status(status)
        if winner not in _WINNERS:
            raise InvalidInput("winner must be team1, team2 or None", field="winner")
        ended = clock.aware_or_none(finished_at, "finished_at")
        rows = self._learn(match, read, {} if ended is None else {"finished_at": ended}, now)
        if read.status in OVER:
            MatchCacheRepository().expire_open_body.blocking(match, now=now)
            _tell_of_end(match, read.status, winner, ended, now)
        return rows

    @transactional()
    def record_match(self, body: Raw, now: datetime | None = None) -> list[MatchAnalysis]:
        """Take in a match as FACEIT gives it; give the analyses that it changed, newest first.

        The body is stored for `get_cached_match`, unless that has one of the match's end and this one comes
        late; status, map and times go to the analyses; `match_ended` is sent once the match is over.
        Repeating it changes nothing more.
        Errors: `InvalidInput` with the path inside the body, `body` for one that is too large.
        """
        content = load(body)
        match, stored = decode_match(content), clean_json(content, "body")
        read = read_status(match.status_raw)
        facts = {
            "map_name": match.map,
            "configured_at": match.configured_at,
            "started_at": match.started_at,
            "finished_at": match.finished_at,
        }
        known = {name: value for name, value in facts.items() if value is not None}
        rows = self._learn(match.match_id, read, known, now)
        MatchCacheRepository().keep_newest_body.blocking(match.match_id, stored, now=now)
        if read.status in OVER:
            _tell_of_end(match.match_id, read.status, match.winner, match.finished_at, now)
        return rows

    def _learn(
        self, match_id: str, read: ReadStatus, facts: Mapping[str, Any], now: datetime | None
    ) -> list[MatchAnalysis]:
        """Write what is known of a match now to its analyses, but for those where it is over already."""
        rows = MatchAnalysis.objects.select_for_update(no_key=True).filter(match_id=match_id).order_by("id")
        if read.status not in OVER:
            rows = rows.exclude(status__in=OVER)
        found = list(rows)
        values = {
            **facts,
            "status": read.status.value,
            "status_raw": read.raw,
            "updated_at": clock.now() if now is None else clock.aware(now),
        }
        MatchAnalysis.objects.filter(pk__in=[row.pk for row in found]).update(**values)
        for row in found:
            for name, value in values.items():
                setattr(row, name, value)
        self._written(self._scopes(*found))
        return sorted(found, key=lambda row: row.analysed_at, reverse=True)


def _tell_of_end(
    match_id: str, status: MatchStatus, winner: str | None, finished_at: datetime | None, now: datetime | None
) -> None:
    match_ended.send(
        sender=MatchAnalysis,
        match_id=match_id,
        status=status,
        winner=None if status in WITHOUT_WINNER else winner,
        finished_at=finished_at,
        now=now,
    )
