"""What to make of an opponent: each piece of advice is data with the numbers it came from.

A bot words it as it likes. Every threshold is a heuristic of the product and is part of the numbers.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from itertools import groupby
from typing import Any, TypedDict

from stats.ratings.form import LOSS, WIN
from stats.ratings.member import Member
from stats.ratings.teams import MapComparison, compare_maps, distinct_matches, map_strengths

# Source: heuristics of the product.
DANGEROUS_FROM = 4
WEAK_RATING, WEAK_KD, WEAK_WINS_OF_5 = 0.9, 0.85, 1
SIGNS_OF_WEAKNESS = 2
# Fewer matches, or kills of about five of them, show what one evening was like.
FEWEST_MATCHES, FEWEST_KILLS = 10, 100
SNIPER_PERCENT = 30
CLUTCH_PERCENT, FEWEST_CLUTCHES = 60, 10
STREAK = 5
MAP_MARGIN, FEWEST_MAP_MATCHES = 5, 10
# Source: Bonferroni's correction. Seven maps are compared at once, and of matches between equal teams about
# one in twenty shall get any advice: 0.05 / 7 on two sides is 2.69 standard errors.
MAP_STANDARD_ERRORS = 2.7

_LAST = 5


class Advice(TypedDict):
    """One piece of advice about a player or about a map; the other one is None."""

    kind: str
    player_id: str | None
    nickname: str | None
    map: str | None
    because: dict[str, Any]


def advise(
    team: Sequence[Member], opponents: Sequence[Member], pool: Container[str] | None = None
) -> list[Advice]:
    """Give all advice to a team against its opponents; maps outside of `pool` are left out.

    Shape: dangerous players first, then weak targets, snipers, clutchers, streaks, and maps.
    """
    about_players = [advice for rule in PLAYER_RULES for advice in rule(opponents)]
    comparisons = compare_maps(map_strengths(team), map_strengths(opponents))
    return about_players + map_advice(comparisons, pool)


def dangerous_players(members: Sequence[Member]) -> list[Advice]:
    """Give the players of danger level 4 and 5 as `dangerous_player`, the most dangerous first.

    Only those whose figures are of at least ten matches.
    """
    dangerous = [member for member in _known(members) if (member.danger_level or 0) >= DANGEROUS_FROM]
    dangerous.sort(key=lambda member: (-(member.danger_level or 0), -(member.rating or 0), member.player_id))
    return [
        _about(
            member,
            "dangerous_player",
            danger_level=member.danger_level,
            matches=member.matches,
            rating=member.rating,
            rating_version=member.rating_version,
            winrate=member.winrate,
            kd=member.kd,
            recent_form=member.recent_form,
            danger_level_from=DANGEROUS_FROM,
            matches_from=FEWEST_MATCHES,
        )
        for member in dangerous
    ]


def weak_targets(members: Sequence[Member]) -> list[Advice]:
    """Give the players with two signs of weakness as `weak_target`, the lowest rating first.

    The signs: a rating below 0.9, a K/D below 0.85, at most one win of the last five. Only those whose
    figures are of at least ten matches.
    """
    weak = [
        (member, signs) for member in _known(members) if len(signs := _signs(member)) >= SIGNS_OF_WEAKNESS
    ]
    weak.sort(key=lambda found: (found[0].rating or 0, found[0].player_id))
    return [
        _about(
            member,
            "weak_target",
            signs=signs,
            matches=member.matches,
            rating=member.rating,
            rating_version=member.rating_version,
            kd=member.kd,
            recent_form=member.recent_form,
            rating_below=WEAK_RATING,
            kd_below=WEAK_KD,
            wins_of_last_5_at_most=WEAK_WINS_OF_5,
            matches_from=FEWEST_MATCHES,
        )
        for member, signs in weak
    ]


def snipers(members: Sequence[Member]) -> list[Advice]:
    """Give the players with 30 % of at least 100 kills by sniper rifles as `sniper`, the most first."""
    found = []
    for member in members:
        if member.weapons is None or (member.weapons["kills"] or 0) < FEWEST_KILLS:
            continue
        share = member.weapons["sniper"]
        if share is not None and share >= SNIPER_PERCENT:
            found.append((share, member.weapons["kills"], member))
    found.sort(key=lambda entry: (-entry[0], entry[2].player_id))
    return [
        _about(
            member,
            "sniper",
            sniper_percent=share,
            kills=kills,
            percent_from=SNIPER_PERCENT,
            kills_from=FEWEST_KILLS,
        )
        for share, kills, member in found
    ]


def clutchers(members: Sequence[Member]) -> list[Advice]:
    """Give the players who win 60 % of at least ten rounds alone against one as `clutcher`, best first."""
    found = []
    for member in members:
        counted = member.clutches
        if counted is None or (counted["1v1_count"] or 0) < FEWEST_CLUTCHES:
            continue
        rate = counted["1v1_rate"]
        if rate is not None and rate >= CLUTCH_PERCENT:
            found.append((rate, counted, member))
    found.sort(key=lambda entry: (-entry[0], entry[2].player_id))
    return [
        _about(member, "clutcher", **counted, percent_from=CLUTCH_PERCENT, count_from=FEWEST_CLUTCHES)
        for _rate, counted, member in found
    ]


def streaking(members: Sequence[Member]) -> list[Advice]:
    """Give the players whose last five or more results are alike as `winning_streak`, `losing_streak`."""
    kinds = {WIN: "winning_streak", LOSS: "losing_streak"}
    found = []
    for member in members:
        letter, length = next(
            ((kind, len(list(run))) for kind, run in groupby(member.recent_form or "")), ("", 0)
        )
        if length >= STREAK and letter in kinds:
            found.append((length, letter, member))
    found.sort(key=lambda entry: (-entry[0], entry[2].player_id))
    return [
        _about(
            member, kinds[letter], length_at_least=length, recent_form=member.recent_form, length_from=STREAK
        )
        for length, letter, member in found
    ]


def map_advice(comparisons: dict[str, MapComparison], pool: Container[str] | None = None) -> list[Advice]:
    """Give the maps for team 1 to pick as `pick_map` and to ban as `ban_map`, the clearest first.

    Its own figures are `own_winrate` and `own_matches`, those of its opponents `other_...`.

    A map counts if both teams have ten matches for each of their players on it, and the win rates differ by 5
    points and by more than chance lets them on any of seven maps. `pool` leaves out what is not played.
    """
    clear = [
        (name, comparison)
        for name, comparison in comparisons.items()
        if (pool is None or name in pool) and _is_clear(comparison)
    ]
    clear.sort(key=lambda found: (-abs(found[1]["difference"]), found[0]))
    return [
        {
            "kind": "pick_map" if comparison["difference"] > 0 else "ban_map",
            "player_id": None,
            "nickname": None,
            "map": name,
            "because": {
                "own_winrate": comparison["team1_winrate"],
                "own_matches": comparison["team1_matches"],
                "own_players": comparison["team1_players"],
                "other_winrate": comparison["team2_winrate"],
                "other_matches": comparison["team2_matches"],
                "other_players": comparison["team2_players"],
                "difference": comparison["difference"],
                "standard_error": comparison["standard_error"],
                "difference_from": MAP_MARGIN,
                "standard_errors_from": MAP_STANDARD_ERRORS,
                "matches_per_player_from": FEWEST_MAP_MATCHES,
            },
        }
        for name, comparison in clear
    ]


PLAYER_RULES: tuple[Callable[[Sequence[Member]], list[Advice]], ...] = (
    dangerous_players,
    weak_targets,
    snipers,
    clutchers,
    streaking,
)


def _is_clear(comparison: MapComparison) -> bool:
    fewest = min(
        distinct_matches(comparison["team1_matches"], comparison["team1_players"]),
        distinct_matches(comparison["team2_matches"], comparison["team2_players"]),
    )
    difference = abs(comparison["difference"])
    return fewest >= FEWEST_MAP_MATCHES and difference >= max(
        MAP_MARGIN, MAP_STANDARD_ERRORS * comparison["standard_error"]
    )


def _known(members: Sequence[Member]) -> list[Member]:
    return [member for member in members if (member.matches or 0) >= FEWEST_MATCHES]


def _signs(member: Member) -> list[str]:
    return list(_each_sign(member))


def _each_sign(member: Member) -> Iterator[str]:
    if member.rating is not None and member.rating < WEAK_RATING:
        yield "rating"
    if member.kd is not None and member.kd < WEAK_KD:
        yield "kd"
    last = (member.recent_form or "")[:_LAST]
    if len(last) == _LAST and last.count(WIN) <= WEAK_WINS_OF_5:
        yield "recent_form"


def _about(member: Member, kind: str, **because: Any) -> Advice:
    return {
        "kind": kind,
        "player_id": member.player_id,
        "nickname": member.nickname,
        "map": None,
        "because": because,
    }
