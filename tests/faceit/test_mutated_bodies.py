"""Whatever a body looks like, it is decoded or refused; and what nobody reads makes no difference."""

import json
import random
from collections import Counter
from datetime import datetime, timedelta

import msgspec
import pytest

from faceitbot.core.errors import InvalidInput
from faceitbot.core.text import find_hostile_character
from faceitbot.faceit.kinds import DECODERS
from faceitbot.faceit.loading import DEEPEST
from tests.faceit.made import BODIES
from tests.faceit.mutating import Path, Watched, is_read, mutate

FULL, SMALL = 10_000, 300
DECODED_AT_LEAST = 0.4


def read_places(kind, body):
    seen: set[Path] = set()
    DECODERS[kind](Watched(body, seen))
    return seen


@pytest.mark.proof("mutated_bodies")
def test_a_mutated_body_is_decoded_or_refused(full_size, report):
    number = FULL if full_size else SMALL
    rng = random.Random(20260301)
    seen = [read_places(kind, body) for kind, body in BODIES]
    decoded, refused, unread = Counter[str](), Counter[str](), 0

    for _ in range(number):
        chosen = rng.randrange(len(BODIES))
        kind, body = BODIES[chosen]
        mutant = mutate(body, rng)
        # An exception of another class ends the proof.
        try:
            struct = DECODERS[kind](mutant.body)
        except InvalidInput:
            refused[mutant.how] += 1
            struct = None
        else:
            decoded[mutant.how] += 1
            assert_sound(struct)
        if mutant.path is not None and not is_read(mutant.path, seen[chosen]) and not too_deep(mutant):
            assert struct == DECODERS[kind](body), mutant
            unread += 1

    total = decoded.total() + refused.total()
    report(
        f"{total} mutated bodies: {decoded.total()} decoded ({decoded.total() / total:.1%}), "
        f"{refused.total()} refused; {unread} changed what nobody reads, and decoded to an equal object"
    )
    for how in sorted(decoded | refused):
        report(f"  {how}: {decoded[how]} decoded, {refused[how]} refused")
    assert total == number
    assert decoded.total() >= DECODED_AT_LEAST * total
    assert unread > number / 20


def too_deep(mutant):
    """Whether the body is refused as a whole, wherever it was changed."""
    if mutant.how != "nested":
        return False
    level, depth = [json.loads(mutant.body) if isinstance(mutant.body, bytes) else mutant.body], 0
    while level:
        depth += 1
        inside = [
            item for holder in level for item in (holder.values() if isinstance(holder, dict) else holder)
        ]
        level = [item for item in inside if isinstance(item, dict | list)]
    return depth > DEEPEST


def assert_sound(value):
    """What was decoded is what its declaration says, and could be stored."""
    match value:
        case msgspec.Struct():
            assert msgspec.convert(msgspec.to_builtins(value), type(value)) == value
            for name in value.__struct_fields__:
                assert_sound(getattr(value, name))
        case dict():
            for key, item in value.items():
                assert_sound(key)
                assert_sound(item)
        case tuple():
            for item in value:
                assert_sound(item)
        case datetime():
            assert value.utcoffset() == timedelta(0)
        case str():
            assert find_hostile_character(value) is None
            assert len(value) <= 500
        case int() | float():
            assert 0 <= value <= 100_000_000
        case _:
            assert value is None


def test_an_unguarded_reading_falls_over_the_same_bodies():
    """Control: the mutations bite. This is how a body is read where nobody expects it to be wrong."""
    rng, fallen = random.Random(7), Counter[str]()
    bodies = [body for kind, body in BODIES if kind == "match_stats"]
    for _ in range(100):
        mutant = mutate(rng.choice(bodies), rng)
        try:
            content = json.loads(mutant.body) if isinstance(mutant.body, bytes) else mutant.body
            for part in content["rounds"]:
                for team in part["teams"]:
                    for player in team["players"]:
                        int(player["player_stats"]["Kills"]) / int(player["player_stats"]["Deaths"])
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            fallen[type(error).__name__] += 1

    assert fallen["JSONDecodeError"] > 1
    assert fallen.total() > 10
