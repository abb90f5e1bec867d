"""The rule against its simulation, and what holds whatever was granted."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import strategies as st

from subscriptions.rules import RANKS, GrantState, as_of, explain, project
from tests.subscriptions.histories import histories, kinds, rows
from tests.subscriptions.simulator import simulate

pytestmark = pytest.mark.proof("projection")

PAID = ["premium", "pro"]
NOTHING = timedelta()


def promised(projection, tier, now):
    """Give how long a projection offers a tier, None for ever."""
    starts_at = now
    for name, ends_at in (
        (projection.tier, projection.expires_at),
        (projection.next_tier, projection.next_expires_at),
    ):
        if name == tier:
            return None if ends_at is None else ends_at - starts_at
        starts_at = ends_at
    return NOTHING


def access(projection, tier, now):
    """Give how long a projection offers at least a tier, None for ever."""
    offers = [promised(projection, name, now) for name in PAID if RANKS[name] >= RANKS[tier]]
    return None if None in offers else sum(offers, NOTHING)


def is_less(one, other):
    """Compare times of which None is for ever."""
    return one is not None and (other is None or one < other)


def unused(history, tier):
    """Give the time that the grants of a tier have left, None if one of them is a lifetime."""
    left = [use.left for use in explain(history.grants, history.moment) if use.grant.tier == tier]
    return None if None in left else sum(left, NOTHING)


def test_the_projection_is_what_the_simulation_sees(for_all, report):
    seen: Counter[str] = Counter()

    def the_rule_and_its_simulation_agree(history):
        seen.update(kinds(history))
        simulation = simulate(history.rows, history.now)

        assert project(history.grants, history.moment) == history.projection_of(simulation)

    for_all(the_rule_and_its_simulation_agree, history=histories)
    report("among them: " + ", ".join(f"{count} with {kind}" for kind, count in sorted(seen.items())))
    assert len(seen) == 6


def test_each_grant_has_used_what_the_simulation_burnt(for_all):
    def explanation_and_simulation_agree(history):
        simulation = simulate(history.rows, history.now)
        used = [use.used for use in explain(history.grants, history.moment)]

        assert used == [steps * history.unit for steps in simulation.burnt]

    for_all(explanation_and_simulation_agree, history=histories)


def test_no_grant_burns_longer_than_it_was_granted(for_all):
    def used_and_left_are_what_was_granted(history):
        for use in explain(history.grants, history.moment):
            if use.state == GrantState.REVOKED:
                assert use.used == use.left == NOTHING
            elif use.grant.duration is not None:
                assert use.used + use.left == use.grant.duration
                assert use.used >= NOTHING

    for_all(used_and_left_are_what_was_granted, history=histories)


def test_the_explanation_ends_when_the_projection_does(for_all):
    def what_burns_has_the_tier_and_the_last_of_it_its_end(history):
        projection = project(history.grants, history.moment)
        uses = explain(history.grants, history.moment)
        burning = [use.grant.tier for use in uses if use.state == GrantState.BURNING]
        ends = [use.ends_at for use in uses if use.grant.tier == projection.tier and use.left != NOTHING]

        assert burning == ([] if projection.tier == "free" else [projection.tier])
        assert projection.expires_at == (None if None in ends else max(ends, default=None))

    for_all(what_burns_has_the_tier_and_the_last_of_it_its_end, history=histories)


def test_the_order_of_grants_does_not_matter(for_all):
    def any_order_gives_the_same(history, random):
        shuffled = random.sample(history.grants, len(history.grants))

        assert project(shuffled, history.moment) == project(history.grants, history.moment)

    for_all(any_order_gives_the_same, history=histories, random=st.randoms(use_true_random=False))


def test_an_extra_grant_never_lowers_the_tier_at_any_moment(for_all):
    def the_tier_is_at_least_what_it_was(history, extra):
        more = [*history.grants, history.grant(extra)]

        for moment in map(history.at, history.steps):
            without, with_it = project(history.grants, moment), project(more, moment)
            assert RANKS[with_it.tier] >= RANKS[without.tier]

    for_all(the_tier_is_at_least_what_it_was, history=histories, extra=rows)


def test_an_extra_grant_never_ends_access_earlier(for_all):
    def access_to_each_tier_lasts_at_least_as_long(history, extra):
        without = project(history.grants, history.moment)
        with_it = project([*history.grants, history.grant(extra)], history.moment)

        for tier in PAID:
            lasts = [access(each, tier, history.moment) for each in (with_it, without)]
            assert not is_less(*lasts)

    for_all(access_to_each_tier_lasts_at_least_as_long, history=histories, extra=rows)


def test_an_extra_grant_never_takes_unused_time(for_all):
    def each_tier_has_at_least_the_time_left_that_it_had(history, extra):
        more = replace(history, rows=[*history.rows, extra])

        for tier in PAID:
            assert not is_less(unused(more, tier), unused(history, tier))

    for_all(each_tier_has_at_least_the_time_left_that_it_had, history=histories, extra=rows)


def test_promised_time_shrinks_only_under_a_lifetime_of_a_higher_tier(for_all):
    def a_tier_keeps_what_was_promised_unless_a_higher_one_never_ends(history, extra):
        without = project(history.grants, history.moment)
        with_it = project([*history.grants, history.grant(extra)], history.moment)

        for tier in PAID:
            shrinks = is_less(*(promised(each, tier, history.moment) for each in (with_it, without)))
            higher = RANKS[extra.tier] > RANKS[tier]
            assert not shrinks or (higher and extra.length is None and not extra.revoked)

    for_all(a_tier_keeps_what_was_promised_unless_a_higher_one_never_ends, history=histories, extra=rows)


def test_revoking_gives_exactly_the_projection_without_the_grant(for_all):
    def revoked_is_as_good_as_absent(history, extra):
        revoked = history.grant(replace(extra, revoked=True))

        assert project([*history.grants, revoked], history.moment) == project(history.grants, history.moment)
        assert explain([*history.grants, revoked], history.moment)[:-1] == explain(
            history.grants, history.moment
        )

    for_all(revoked_is_as_good_as_absent, history=histories, extra=rows)


def test_a_stored_projection_stays_right_as_time_passes(for_all):
    def the_clock_alone_gives_what_projecting_again_would(history):
        started = replace(history, rows=[row for row in history.rows if row.start <= history.now])
        stored = project(started.grants, started.moment)

        for later in map(started.at, started.steps[started.now :]):
            assert as_of(stored, later) == project(started.grants, later)

    for_all(the_clock_alone_gives_what_projecting_again_would, history=histories)
