"""What grants amount to: the cases that people ask about, with their exact moments."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from subscriptions.rules import (
    GrantFacts,
    GrantState,
    GrantUse,
    Projection,
    as_of,
    effective,
    explain,
    project,
)

FREE = Projection("free", None)


def day(number: float) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)


def days(number: float) -> timedelta:
    return timedelta(days=number)


def premium(start: float, length: float | None, *, revoked: float | None = None) -> GrantFacts:
    return grant("premium", start, length, revoked)


def pro(start: float, length: float | None, *, revoked: float | None = None) -> GrantFacts:
    return grant("pro", start, length, revoked)


def grant(tier: str, start: float, length: float | None, revoked: float | None) -> GrantFacts:
    return GrantFacts(
        tier, day(start), None if length is None else days(length), None if revoked is None else day(revoked)
    )


def test_without_grants_a_user_is_free_for_ever():
    assert project([], day(0)) == FREE


def test_one_grant_lasts_exactly_its_duration():
    bought = [premium(0, 30)]
    last = day(30) - timedelta(microseconds=1)

    assert project(bought, day(0)) == Projection("premium", day(30))
    assert project(bought, last) == Projection("premium", day(30))
    assert project(bought, day(30)) == FREE


def test_premium_waits_while_pro_burns_and_resumes_after_it():
    bought = [premium(0, 30), pro(10, 30)]

    assert project(bought[:1], day(9)) == Projection("premium", day(30))
    assert project(bought, day(10)) == Projection("pro", day(40), "premium", day(60))
    assert project(bought, day(39)) == Projection("pro", day(40), "premium", day(60))
    assert project(bought, day(40)) == Projection("premium", day(60))
    assert project(bought, day(60)) == FREE


def test_a_month_of_pro_on_three_hundred_days_of_premium_is_a_month_of_pro():
    bought = [premium(0, 300), pro(0, 30)]

    assert project(bought, day(0)) == Projection("pro", day(30), "premium", day(330))


def test_a_bonus_leaves_a_pro_user_pro_and_waits():
    bought, bonus = pro(0, 30), premium(20, 7)

    assert project([bought, bonus], day(20)) == Projection("pro", day(30), "premium", day(37))


def test_grants_of_one_tier_add_up():
    assert project([premium(0, 30), premium(10, 30)], day(10)) == Projection("premium", day(60))


def test_time_without_access_is_not_made_up_for():
    assert project([premium(0, 30), premium(50, 30)], day(50)) == Projection("premium", day(80))


def test_a_renewal_at_the_very_end_leaves_no_gap():
    assert project([premium(0, 30), premium(30, 30)], day(30)) == Projection("premium", day(60))


def test_a_lifetime_never_ends():
    assert project([premium(0, None)], day(50_000)) == Projection("premium", None)


def test_a_lifetime_of_premium_resumes_after_pro():
    bought = [premium(0, None), pro(10, 30)]

    assert project(bought, day(10)) == Projection("pro", day(40), "premium", None)
    assert project(bought, day(40)) == Projection("premium", None)


def test_behind_a_lifetime_of_pro_nothing_resumes():
    assert project([premium(0, 300), pro(10, None)], day(10)) == Projection("pro", None)


def test_an_end_after_the_year_9999_is_none():
    assert project([pro(0, 365 * 5_000), pro(0, 365 * 5_000)], day(0)) == Projection("pro", None)


def test_a_revoked_grant_counts_as_never_made():
    bought = [premium(0, 30), pro(10, 30, revoked=20)]

    assert project(bought, day(20)) == Projection("premium", day(30))
    assert project(bought, day(30)) == FREE


def test_grants_of_the_same_moment_burn_the_higher_tier_first():
    bought = [premium(0, 7), pro(0, 30), premium(0, 7)]

    assert project(bought, day(0)) == Projection("pro", day(30), "premium", day(44))


def test_a_start_ahead_of_our_clock_counts_as_now():
    assert project([premium(1, 30)], day(0)) == Projection("premium", day(30))
    assert project([pro(0, 30), premium(1, 7)], day(0)) == Projection("pro", day(30), "premium", day(37))


def test_a_stored_projection_means_its_next_tier_once_the_first_has_ended():
    stored = Projection("pro", day(40), "premium", day(60))

    assert [effective(stored, day(number)) for number in (39, 40, 59, 60)] == [
        "pro",
        "premium",
        "premium",
        "free",
    ]
    assert as_of(stored, day(40)) == Projection("premium", day(60))
    assert as_of(stored, day(60)) == FREE


def test_a_stored_lifetime_is_not_taken_for_an_end():
    assert effective(Projection("premium", None), day(50_000)) == "premium"
    assert effective(Projection("pro", day(40), "premium", None), day(50_000)) == "premium"
    assert effective(FREE, day(50_000)) == "free"


def test_access_is_explained_grant_by_grant():
    over, kept, paid, renewed, refunded = grants = [
        premium(0, 5),
        premium(5, 30),
        pro(10, 30),
        pro(12, 30),
        pro(13, 30, revoked=14),
    ]

    assert explain(grants, day(15)) == [
        GrantUse(over, GrantState.USED_UP, days(5), days(0), None, day(5)),
        GrantUse(kept, GrantState.WAITING, days(5), days(25), day(70), day(95)),
        GrantUse(paid, GrantState.BURNING, days(5), days(25), None, day(40)),
        GrantUse(renewed, GrantState.WAITING, days(0), days(30), day(40), day(70)),
        GrantUse(refunded, GrantState.REVOKED, days(0), days(0)),
    ]


def test_what_a_lifetime_keeps_waiting_has_no_moment_to_resume():
    waiting, lifetime = grants = [premium(0, 30), pro(10, None)]

    assert explain(grants, day(15)) == [
        GrantUse(waiting, GrantState.WAITING, days(10), days(20), None, None),
        GrantUse(lifetime, GrantState.BURNING, days(5), None, None, None),
    ]


@pytest.mark.parametrize(
    ("tier", "length", "sentence"),
    [
        ("free", days(30), "a grant gives a paid tier, not 'free'"),
        ("gold", days(30), "a grant gives a paid tier, not 'gold'"),
        ("pro", days(0), "a grant lasts longer than nothing, not 0:00:00"),
        ("pro", days(-1), "a grant lasts longer than nothing, not -1 day, 0:00:00"),
    ],
)
def test_what_cannot_be_a_grant_is_refused_in_one_sentence(tier, length, sentence):
    with pytest.raises(ValueError, match="a grant") as refused:
        GrantFacts(tier, day(0), length)

    assert str(refused.value) == sentence


def test_the_rule_needs_no_django():
    loaded = subprocess.run(
        [sys.executable, "-c", "import subscriptions.rules, sys; print('django' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert loaded.stdout == "False\n"
