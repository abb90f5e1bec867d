"""What must be true of analyses and stored bodies beyond what constraints can say."""

from faceitbot.core import integrity
from faceitbot.core.integrity import Invariant, by_query

INVARIANTS = [
    Invariant(
        "stored_matches_go_in_time",
        "no body of FACEIT is kept for more than a day after its time (prune_matches)",
        by_query(
            "SELECT 'stored match ' || match_id FROM match_cache"
            " WHERE expires_at < now() - interval '1 day' ORDER BY id"
        ),
    ),
    Invariant(
        "erased_people_have_no_analyses",
        "nothing that an erased person has had analysed is kept",
        by_query(
            "SELECT 'match analysis ' || match_analyses.id FROM match_analyses"
            " JOIN users ON users.id = user_id WHERE erased_at IS NOT NULL ORDER BY match_analyses.id"
        ),
    ),
]


def register() -> None:
    """Have them checked."""
    for invariant in INVARIANTS:
        integrity.register(invariant)
