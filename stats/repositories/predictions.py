"""What was foretold of matches, and how good that was."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from faceitbot.core.errors import InvalidInput
from faceitbot.core.ids import faceit_id
from faceitbot.core.json_values import clean_json
from faceitbot.core.transactions import prepared_transaction, query, transactional
from faceitbot.core.values import whole
from stats.figures import moment_of
from stats.models import Prediction, Side
from stats.ratings import Quality, prediction_quality

MAX_DAYS = 3650


class PredictionMethods:
    """Predictions of matches; of each match the newest one that was made before it was settled."""

    @prepared_transaction()
    def record_prediction(
        self,
        match_id: str,
        team1_probability: float,
        inputs: Mapping[str, Any] | None = None,
        now: datetime | None = None,
    ) -> Callable[[], Prediction]:
        """Keep how probable it is held that team 1 wins, in place of an earlier prediction; give the row.

        A match that is settled keeps the prediction that was scored. `inputs` are what it rests on.
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
            if stored.settled_at is None and stored.pk != new.pk:
                stored.team1_probability, stored.inputs, stored.made_at = chance, told, moment
                stored.save(update_fields=["team1_probability", "inputs", "made_at"])
            return stored

        return write

    @transactional()
    def settle_prediction(
        self, match_id: str, winner: str | None, now: datetime | None = None
    ) -> Prediction | None:
        """Note who won a match, "team1" or "team2"; None when it was cancelled. Give what was foretold of it.

        None for a match of which nothing was. A second time changes nothing.
        """
        if winner is not None and winner not in Side.values:
            raise InvalidInput("winner must be team1, team2 or None", field="winner")
        match = faceit_id(match_id, "match_id")
        row = Prediction.objects.select_for_update(no_key=True).filter(match_id=match).first()
        if row is not None and row.settled_at is None:
            row.winner, row.settled_at = winner, moment_of(now)
            row.save(update_fields=["winner", "settled_at"])
        return row

    @query
    def get_prediction_quality(self, days: int = 30, now: datetime | None = None) -> Quality:
        """Give {count, brier, log_loss} of the predictions of matches that ended within the last days.

        Units: a coin flip scores 0.25 and 0.693, less is better; None when there are none.
        Source: `stats.ratings.prediction_quality`.
        """
        moment = moment_of(now)
        since = moment - timedelta(days=whole("days", days, 1, MAX_DAYS))
        ended = Prediction.objects.filter(winner__isnull=False, settled_at__gt=since, settled_at__lte=moment)
        scored = ended.values_list("team1_probability", "winner").iterator()
        return prediction_quality((chance, winner == Side.TEAM1) for chance, winner in scored)


def _probability(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
        raise InvalidInput("team1_probability must lie between 0 and 1", field="team1_probability")
    return float(value)
