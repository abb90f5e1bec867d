"""Control: the simulation and its histories tell the rule from rules that are nearly right."""

from dataclasses import replace

import pytest

from tests.subscriptions.histories import histories
from tests.subscriptions.simulator import Row, simulate

FOR_EVER = 10_000  # steps, in rules that know no lifetime


def end_of(row):
    return row.start + (row.length or FOR_EVER)


def overwrite_the_tier_and_extend_the_time(rows, now):
    """The old bot's rule: the last grant names the tier of all the time there is."""
    tier, end = "free", 0
    for row in sorted(rows, key=lambda row: row.start):
        if row.start <= now and not row.revoked:
            tier, end = row.tier, end_of(replace(row, start=max(end, row.start)))
    return tier if now < end else "free"


def let_time_run_while_waiting(rows, now):
    running = {row.tier for row in rows if not row.revoked and row.start <= now < end_of(row)}
    return next((tier for tier in ("pro", "premium") if tier in running), "free")


def burn_in_order_of_arrival(rows, now):
    end = 0
    for row in sorted(rows, key=lambda row: row.start):
        if row.revoked or row.start > now:
            continue
        end = end_of(replace(row, start=max(end, row.start)))
        if now < end:
            return row.tier
    return "free"


def count_revoked_grants(rows, now):
    return simulate([replace(row, revoked=False) for row in rows], now).tiers[now]


def start_all_grants_with_the_first(rows, now):
    first = min((row.start for row in rows), default=0)
    return simulate([replace(row, start=first) for row in rows], now).tiers[now]


@pytest.mark.proof("projection")
@pytest.mark.parametrize(
    "wrong_rule",
    [
        overwrite_the_tier_and_extend_the_time,
        let_time_run_while_waiting,
        burn_in_order_of_arrival,
        count_revoked_grants,
        start_all_grants_with_the_first,
    ],
)
def test_control_a_wrong_rule_is_found_out(wrong_rule, for_all, report):
    wrong = 0

    def compared_with_the_simulation(history):
        nonlocal wrong
        started = [row for row in history.rows if row.start <= history.now]
        wrong += wrong_rule(started, history.now) != simulate(started, history.now).tiers[history.now]

    for_all(compared_with_the_simulation, history=histories)

    report(f"{wrong} times wrong: {wrong_rule.__name__.replace('_', ' ')}")
    assert wrong > 0


def test_control_the_old_rule_makes_330_days_of_pro_of_300_days_of_premium():
    bought = [Row("premium", 0, 300), Row("pro", 0, 30)]

    old = [overwrite_the_tier_and_extend_the_time(bought, day) for day in range(400)]

    assert old == ["pro"] * 330 + ["free"] * 70
    assert simulate(bought, 0).tiers == ["pro"] * 30 + ["premium"] * 300 + ["free"]
