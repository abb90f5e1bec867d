"""Analyses of matches."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Min

from faceitbot.core import clock
from faceitbot.core.cache import cache_match_data
from faceitbot.core.errors import InvalidInput
from faceitbot.core.ids import faceit_id, row_id
from faceitbot.core.observability import emit
from faceitbot.core.repository import BaseRepository, page
from faceitbot.core.text import clean_text
from faceitbot.core.transactions import query, transactional
from faceitbot.core.values import whole
from matches.models import MatchAnalysis, MatchStatus
from matches.models.analyses import MAX_NAME_LENGTH
from matches.models.statuses import OPEN
from matches.reading import read_analysis
from matches.repositories.ending import EndingMethods
from matches.repositories.figures import FigureMethods
from matches.repositories.pruning import PruningMethods
from matches.upserting import OF_THE_ANALYSIS, OF_THE_MATCH, PARTS, upsert
from users.errors import UserNotFound

MAX_HOURS = 24 * 3650
MAX_PROCESSING_MS = 2**31 - 1


def _match_id(value: object) -> str:
    return faceit_id(value, "match_id")


class MatchRepository(EndingMethods, FigureMethods, PruningMethods, BaseRepository[MatchAnalysis]):
    """What users were told about matches; `user_id` is our UUID, one row for each user and match.

    Errors: `InvalidInput` that names the argument, for every method, before the database is asked.
    """

    model = MatchAnalysis
    fields = frozenset(field.attname for field in MatchAnalysis._meta.concrete_fields) - set(PARTS)
    updatable = frozenset({*OF_THE_MATCH, *OF_THE_ANALYSIS})
    creatable = updatable | {"user_id", "match_id"}
    required = frozenset({"user_id", "match_id"})
    relationships = frozenset({"user"})
    cache_alias = "match_cache"
    look_ups = {"match_id": str}

    @transactional()
    def create_analysis(
        self,
        user_id: UUID,
        match_id: str,
        analysis_data: Mapping[str, Any],
        processing_time_ms: int | None = None,
        now: datetime | None = None,
    ) -> MatchAnalysis:
        """Store an analysis; a user's earlier one of the same match becomes its next revision.

        Shape: `matches.reading.read_analysis`. Facts of the match that the new analysis does not mention
        stay, its teams, prediction and further parts are replaced; a match that is over stays so.
        Errors: `UserNotFound`; `InvalidInput` with the path inside the data.
        Concurrency: one statement; any number of calls for one user and match make one row, each counted.
        """
        user, match = row_id(user_id, "user_id"), _match_id(match_id)
        columns = read_analysis(analysis_data)
        if processing_time_ms is not None:
            columns["processing_time_ms"] = whole(
                "processing_time_ms", processing_time_ms, 0, MAX_PROCESSING_MS
            )
        row = upsert(user, match, columns, clock.now() if now is None else clock.aware(now))
        if row is None:
            raise UserNotFound(f"there is no user {user}", user_id=str(user))
        self._written(self._scopes(row))
        emit("match.analysed", tags={"game": row.game})
        return row

    @cache_match_data(by="match_id", clean=_match_id)
    @query
    def get_by_match_id(self, match_id: str, user_id: UUID | None = None) -> MatchAnalysis | None:
        """Give the newest analysis of a match, this user's or anybody's; None without one. Cached: yes."""
        rows = MatchAnalysis.objects.filter(match_id=_match_id(match_id))
        if user_id is not None:
            rows = rows.filter(user_id=row_id(user_id, "user_id"))
        return rows.newest_first().first()

    @query
    def get_user_analyses(
        self,
        user_id: UUID,
        limit: int = 20,
        offset: int = 0,
        status: str | None = None,
        game: str | None = None,
    ) -> list[MatchAnalysis]:
        """Give a page of a user's analyses, newest first.

        Errors: `InvalidInput` for a status that is none, in any case.
        """
        rows = MatchAnalysis.objects.filter(user_id=row_id(user_id, "user_id"))
        if status is not None:
            rows = rows.filter(status=_known_status(status))
        if game is not None:
            rows = rows.filter(game=clean_text(game, "game", MAX_NAME_LENGTH))
        return list(rows.newest_first()[page(offset, limit)])

    @query
    def get_user_recent_analyses(
        self, user_id: UUID, hours: int = 24, now: datetime | None = None
    ) -> list[MatchAnalysis]:
        """Give a user's analyses of the last hours, newest first, a thousand at most."""
        moment = clock.now() if now is None else clock.aware(now)
        since = moment - timedelta(hours=whole("hours", hours, 1, MAX_HOURS))
        rows = MatchAnalysis.objects.filter(user_id=row_id(user_id, "user_id"))
        return list(rows.analysed_within(since, None).newest_first()[page(0, 1000)])

    @query
    def get_unfinished_matches(self, limit: int = 100) -> list[str]:
        """Give the ids of matches that are not over, those first that nobody has heard of for longest.

        Whoever asks FACEIT about them and tells `update_match_status` goes round them all, whatever `limit`.
        """
        rows = MatchAnalysis.objects.filter(status__in=OPEN).values("match_id")
        heard = rows.annotate(heard_at=Min("updated_at")).order_by("heard_at", "match_id")
        return list(heard.values_list("match_id", flat=True)[page(0, limit)])


def _known_status(value: object) -> str:
    if not isinstance(value, str) or value.lower() not in MatchStatus.values:
        raise InvalidInput("status must be one of those of MatchStatus", field="status")
    return value.lower()
