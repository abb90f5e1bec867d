"""Bodies of every kind, of our own making."""

from datetime import UTC, datetime, timedelta

from examples import faceit_bodies, faceit_statistics
from examples.faceit_play import invent_people, play
from faceitbot.faceit import Kind

AT = datetime(2026, 3, 1, 20, 15, tzinfo=UTC)
PEOPLE = invent_people(10)
FIRST = PEOPLE[0]
MATCH = play(PEOPLE, AT)
MATCHES = [MATCH, *(play(PEOPLE, AT - timedelta(hours=3 * number), seed=number) for number in (2, 3, 4))]
BEST_OF_THREE = play(PEOPLE, AT, seed=5, best_of=3)
CSGO = play(PEOPLE, AT, seed=6, game="csgo")

BODIES = (
    (Kind.PLAYER, faceit_bodies.player(FIRST)),
    (Kind.MATCH, faceit_bodies.match(MATCH)),
    (Kind.MATCH, faceit_bodies.match(MATCH, "READY")),
    (Kind.MATCH, faceit_bodies.match(MATCH, "VOTING")),
    (Kind.MATCH, faceit_bodies.match(BEST_OF_THREE)),
    (Kind.MATCH, faceit_bodies.walk_over(MATCH)),
    (Kind.MATCH_STATS, faceit_statistics.match_stats(MATCH)),
    (Kind.MATCH_STATS, faceit_statistics.match_stats(BEST_OF_THREE)),
    (Kind.MATCH_STATS, faceit_statistics.match_stats(CSGO)),
    (Kind.HISTORY, faceit_bodies.history(MATCHES[:2])),
    (Kind.HUB_MATCHES, faceit_bodies.hub_matches(MATCHES[:2])),
    (Kind.GAME_STATS, faceit_statistics.game_stats(FIRST, MATCHES)),
    (Kind.GAME_STATS, faceit_statistics.game_stats(FIRST, [CSGO])),
    (Kind.LIFETIME_STATS, faceit_statistics.lifetime_stats(FIRST, MATCHES)),
    (Kind.LIFETIME_STATS, faceit_statistics.lifetime_stats(FIRST, [CSGO])),
    (Kind.BANS, faceit_bodies.bans(FIRST, AT)),
    (Kind.SEARCH, faceit_bodies.search(PEOPLE)),
    (Kind.RANKING, faceit_bodies.ranking(PEOPLE)),
    (Kind.WEBHOOK, faceit_bodies.webhook(MATCH)),
    (Kind.EMPTY, {"items": [], "start": 0, "end": 0}),
)
