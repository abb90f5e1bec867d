"""What was foretold of matches, and how good that was."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput
from faceitbot.core.ids import faceit_id
from faceitbot.core.json_values import clean_json
from faceitbot.core.repository import page
from faceitbot.core.transactions import prepared_transaction, query, transactional
from faceitbot.core.values import whole
from stats.figures import moment_of
from stats.models import Prediction, Side
from stats.ratings import Quality, prediction_quality

MAX_DAYS = 3650
LONGEST_MATCH = timedelta(hours=6)  # with what comes before it; a best of 5 is over by then
ASKED_ABOUT = timedelta(days=30)  # after which nobody hopes to hear who won


class PredictionMethods:
    """Predictions of matches; of each match the newest one that was made before it was over."""

    @prepared_transaction()
    def record_prediction(
        self,
        match_id: str,
        team1_probability: float,
        inputs: Mapping[str, Any] | None = None,
        now: datetime | None = None,
    ) -> Callable[[], Prediction]:
        """Keep how probable it is held that team 1 wins, in place of an earlier prediction; give the row.

        A match that is over keeps the prediction that it had. `inputs` are what it rests on.
        Errors: `InvalidInput` unless 0 < probability < 1.
        Concurrency: any number of calls for one match make one row.
        """
        match, chance = faceit_id(match_id, "match_id"), _probability(team1_probability)
        told = clean_json({} if inputs is None else inputs, "inputs")
        if not isinstance(told, dict):
            raise InvalidInput("inputs must be a mapping", field="inputs")
        moment = moment_of(now)

        def write() -> Prediction:
            new = Prediction(match_id=match, team1_probability=chance, inputs=told, made_at=moment)
            Prediction.objects.bulk_create([new], ignore_conflicts=True)
            stored = Prediction.objects.select_for_update(no_key=True).get(match_id=match)
            if stored.ended_at is None and stored.pk != new.pk:
                stored.team1_probability, stored.inputs, stored.made_at = chance, told, moment
                stored.save(update_fields=["team1_probability", "inputs", "made_at"])
            return stored

        return write

    @transactional()
    def close_prediction(
        self, match_id: str, ended_at: datetime | None = None, now: datetime | None = None
    ) -> Prediction | None:
        """Note that a match is over, whoever has won; give what was foretold of it, None if nothing was.

        Nothing is foretold of it from then on, and `claim_unsettled_matches` gives it until it is settled. A
        match that was held to be cancelled is so no more.
        """
        ended, moment = clock.aware_or_none(ended_at, "ended_at"), moment_of(now)
        row = _locked(match_id)
        if row is not None:
            row.ended_at = ended or row.ended_at or moment
            if row.winner is None:
                row.settled_at = None
            row.save(update_fields=["ended_at", "settled_at"])
        return row

    @transactional()
    def settle_prediction(
        self,
        match_id: str,
        winner: str | None,
        ended_at: datetime | None = None,
        now: datetime | None = None,
    ) -> Prediction | None:
        """Note who won a match, "team1" or "team2"; None when it was cancelled. Give what was foretold of it.

        None for a match of which nothing was. What is told last counts, for matches are cancelled after they
        were played; a second time changes nothing. Without `ended_at` it ended when that was heard first.
        """
        if winner is not None and winner not in Side.values:
            raise InvalidInput("winner must be team1, team2 or None", field="winner")
        ended, moment = clock.aware_or_none(ended_at, "ended_at"), moment_of(now)
        row = _locked(match_id)
        if row is not None:
            row.ended_at = ended or row.ended_at or moment
            if row.settled_at is None or row.winner != winner:
                row.winner, row.settled_at = winner, moment
            row.save(update_fields=["ended_at", "winner", "settled_at"])
        return row

    @transactional()
    def claim_unsettled_matches(self, limit: int = 20, now: datetime | None = None) -> list[str]:
        """Give matches that should be over and of which nobody has told who won, to ask FACEIT about.

        Those are given that are known to be over, and those foretold more than six hours ago; after thirty
        days none is. Who was asked about longest ago comes first, so that calls go round them all.
        Concurrency: two calls at once give different matches.
        """
        most, moment = page(0, limit), moment_of(now)
        awaited = Prediction.objects.filter(settled_at__isnull=True, made_at__gt=moment - ASKED_ABOUT)
        due = awaited.exclude(ended_at__isnull=True, made_at__gt=moment - LONGEST_MATCH)
        longest_ago = due.order_by(F("asked_at").asc(nulls_first=True), "made_at", "id")
        rows = list(longest_ago.select_for_update(skip_locked=True, no_key=True)[most])
        Prediction.objects.filter(pk__in=[row.pk for row in rows]).update(asked_at=moment)
        return [row.match_id for row in rows]

    @query
    def get_prediction_quality(self, days: int = 30, now: datetime | None = None) -> Quality:
        """Give {count, brier, log_loss} of the predictions of matches that ended within the last days.

        What was said of a match that had ended already, as was heard later, is no prediction.
        Units: a coin flip scores 0.25 and 0.693, less is better; None when there are none.
        Source: `stats.ratings.prediction_quality`.
        """
        moment = moment_of(now)
        since = moment - timedelta(days=whole("days", days, 1, MAX_DAYS))
        ended = Prediction.objects.filter(winner__isnull=False, ended_at__gt=since, ended_at__lte=moment)
        scored = ended.filter(made_at__lte=F("ended_at"))
        pairs = scored.values_list("team1_probability", "winner").iterator()
        return prediction_quality((chance, winner == Side.TEAM1) for chance, winner in pairs)


def _locked(match_id: str) -> Prediction | None:
    match = faceit_id(match_id, "match_id")
    return Prediction.objects.select_for_update(no_key=True).filter(match_id=match).first()


def _probability(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
        raise InvalidInput("team1_probability must lie between 0 and 1", field="team1_probability")
    return float(value)
