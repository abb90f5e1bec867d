"""Hypothesis strategies of figures as FACEIT sends them, and an eye for what must not come out."""

import math
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import settings
from hypothesis import strategies as st

from stats.ratings import Member, PlayedMatch

START = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)

quickly = settings(max_examples=100, deadline=None)
# For examples of many figures, which take a while to draw.
few = settings(max_examples=25, deadline=None)

counts = st.integers(0, 60)
elos = st.integers(100, 5000)
seeds = st.integers(0, 999)


def perhaps(strategy):
    return st.none() | strategy


@st.composite
def played_matches(draw):
    """Draw a map whose figures go together as those of a real one, with any of them missing."""
    rounds = draw(st.integers(13, 48))
    k2, k3, k4, k5 = (draw(st.integers(0, most)) for most in (6, 3, 2, 1))
    kills = draw(st.integers(0, rounds - k2 - k3 - k4 - k5)) + 2 * k2 + 3 * k3 + 4 * k4 + 5 * k5
    tells = draw(st.sampled_from(["everything", "no doubles", "no multi-kills", "no rounds"]))
    entries, alone, against_two = (draw(st.integers(0, 12)) for _ in range(3))
    extended = draw(st.booleans())
    return PlayedMatch(
        played_at=START + timedelta(minutes=draw(st.integers(0, 50_000))),
        map_name=draw(perhaps(st.sampled_from(["de_mirage", "de_nuke", "de_dust2"]))),
        won=draw(perhaps(st.booleans())),
        rounds=None if tells == "no rounds" else rounds,
        kills=kills,
        deaths=draw(st.integers(0, rounds)),
        assists=draw(perhaps(counts)),
        adr=draw(perhaps(st.floats(0, 200))),
        double_kills=k2 if tells == "everything" else None,
        triple_kills=None if tells == "no multi-kills" else k3,
        quadro_kills=None if tells == "no multi-kills" else k4,
        penta_kills=None if tells == "no multi-kills" else k5,
        sniper_kills=draw(st.integers(0, kills)) if extended else None,
        pistol_kills=draw(st.integers(0, kills)) if extended else None,
        knife_kills=0 if extended else None,
        zeus_kills=0 if extended else None,
        entry_count=entries if extended else None,
        entry_wins=draw(st.integers(0, entries)) if extended else None,
        flash_count=draw(counts) if extended else None,
        utility_count=draw(counts) if extended else None,
        one_v_one_count=alone if extended else None,
        one_v_one_wins=draw(st.integers(0, alone)) if extended else None,
        one_v_two_count=against_two if extended else None,
        one_v_two_wins=draw(st.integers(0, against_two)) if extended else None,
    )


def mixed(items, seed):
    """Give the items in another order."""
    return Random(seed).sample(items, len(items))


known_members = st.builds(Member, st.just("id"), st.just("player"), elo=elos, skill_level=st.integers(1, 10))
half_known_members = st.builds(
    Member, st.just("id"), st.just("player"), elo=perhaps(elos), skill_level=perhaps(st.integers(1, 10))
)
members = st.builds(
    Member,
    st.just("id"),
    st.just("player"),
    elo=perhaps(elos),
    rating=perhaps(st.floats(0, 2.5)),
    winrate=perhaps(st.floats(0, 100)),
    kd=perhaps(st.floats(0, 4)),
    maps=st.fixed_dictionaries(
        {},
        optional={
            name: st.fixed_dictionaries(
                {
                    "matches": st.integers(1, 200),
                    "winrate": st.floats(0, 100),
                    "avg_rating": perhaps(st.floats(0, 2.5)),
                    "avg_kd": st.none(),
                    "avg_adr": st.none(),
                }
            )
            for name in ("de_mirage", "de_nuke")
        },
    ),
)


def leaves(value):
    """Yield every single value inside of dicts and lists."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def strange_values(value):
    """Give what JSON could not hold or a reader could not use: NaN, infinity, Decimal, objects."""
    return [
        leaf
        for leaf in leaves(value)
        if not isinstance(leaf, int | float | str | None)
        or (isinstance(leaf, float) and not math.isfinite(leaf))
    ]
