"""What the page of an analysis shows: the chance, both teams, maps and advice, out of what a bot stored.

Bots may store other shapes than `faceitbot.analysis` builds: what is missing is left out, what is unknown
goes to the generic tables.
"""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from faceitbot.core.display import EMPTY, digits, moment
from faceitbot.core.json_tables import as_tables
from faceitbot.faceit.words import WORDS, name_of, text_of
from matches.admin.advice_lists import advice_lists
from matches.admin.analysis_shapes import COUNTS, SIDES, not_shown, probability
from matches.admin.figures import points, whole
from matches.admin.map_rows import maps
from matches.admin.naming import room_address
from matches.admin.reading_json import mapping, text
from matches.admin.rosters import columns, team
from matches.models import MatchAnalysis
from users.staff_pages import name_of as name_of_user

Data = Mapping[str, Any]
Facts = list[tuple[str, Any]]


def analysis_context(row: MatchAnalysis, status: SafeString) -> dict[str, Any]:
    """Give what the template of an analysis wants; `status` is its label."""
    details = mapping(row.details)
    names = team_names(row)
    return {
        "analysis": row,
        "names": names,
        "chance": chance(mapping(row.prediction)),
        "room": room_address(row.match_id, row.game, row.match_url),
        "asked_by": name_of_user(row.user),
        "asker": reverse("admin:users_user_change", args=[row.user_id]),
        "facts": [
            (_("Match"), _match(row, mapping(details.get("match_info")), status, names)),
            (_("Prediction"), _prediction(mapping(row.prediction), names)),
            (_("Analysis"), _record(row)),
        ],
        "columns": columns(),
        "teams": [
            {"name": name, **team(data, details.get("unknown_players"))}
            for name, data in zip(names, (row.team1_analysis, row.team2_analysis), strict=True)
        ],
        "maps": maps(row.team1_analysis, row.team2_analysis, details.get("maps")),
        "advice": advice_lists(names, mapping(details.get("recommendations"))),
        "further": [(name_of(name), as_tables(left, WORDS)) for name, left in not_shown(row).items()],
    }


def team_names(row: MatchAnalysis) -> tuple[str, str]:
    """Give what both teams are called."""
    first, second = (text(mapping(data).get("name")) for data in (row.team1_analysis, row.team2_analysis))
    return first or _("First team"), second or _("Second team")


# ---- The head


def chance(prediction: Data) -> dict[str, str] | None:
    """Give both teams' chances in whole percent that add up to 100; None where nothing is foretold."""
    first = probability(prediction.get("team1_probability"))
    if first is None:
        second = probability(prediction.get("team2_probability"))
        first = None if second is None else 1 - second
    if first is None:
        return None
    percent = round(100 * first)
    return {"team1": str(percent), "team2": str(100 - percent)}


def _match(row: MatchAnalysis, info: Data, status: SafeString, names: tuple[str, str]) -> Facts:
    played = info.get("maps")
    several = [text(each) for each in played if text(each)] if isinstance(played, list) else [text(played)]
    score = mapping(info.get("score"))
    said = [text(score.get(side)) for side in SIDES]
    facts: Facts = [
        (_("Status"), status),
        (_("Map"), ", ".join(filter(None, several)) or row.map_name),
        (_("Competition"), " · ".join(filter(None, (row.competition_name, row.competition_type)))),
        (_("Game"), " · ".join(filter(None, (row.game, row.region)))),
        (name_of("best_of"), text(info.get("best_of"))),
        (name_of("score"), " : ".join(each or EMPTY for each in said) if any(said) else ""),
        (name_of("winner"), _named(info.get("winner"), names)),
        (_("Started"), moment(row.started_at) if row.started_at else ""),
        (_("Finished"), moment(row.finished_at) if row.finished_at else ""),
    ]
    return [(name, value) for name, value in facts if value]


def _prediction(prediction: Data, names: tuple[str, str]) -> Facts:
    inputs = mapping(prediction.get("inputs"))
    teams = [mapping(inputs.get(side)) for side in SIDES]
    facts: Facts = [
        (_("Favourite"), _named(prediction.get("favourite"), names)),
        (_("Confidence"), text_of(text(prediction.get("confidence")))),
        (_("Reason"), text_of(text(prediction.get("reason")))),
        *(
            (title, " : ".join(whole(each.get(name)) for each in teams))
            for name, title in _elo_titles()
            if any(text(each.get(name)) for each in teams)
        ),
        (
            name_of("elo_difference"),
            points(inputs["elo_difference"]) if text(inputs.get("elo_difference")) else "",
        ),
    ]
    return [(name, value) for name, value in facts if value]


def _elo_titles() -> list[tuple[str, str]]:
    counts = ((name, f"{name_of('elo')}: {name_of(name).lower()}") for name in COUNTS)
    return [("average_elo", name_of("average_elo")), *counts]


def _record(row: MatchAnalysis) -> Facts:
    took = row.processing_time_ms
    return [
        (_("Analysed"), moment(row.analysed_at)),
        (_("Revision"), digits(row.revision)),
        (_("Time, ms"), EMPTY if took is None else digits(took)),
        (_("From stored data"), _("yes") if row.cached_data_used else _("no")),
    ]


def _named(side: Any, names: tuple[str, str]) -> str:
    """Give the name of the team that is meant."""
    return dict(zip(SIDES, names, strict=True)).get(text(side)) or text_of(text(side))
