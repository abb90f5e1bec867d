"""Whatever happens to money, in whatever order: the ledger, the grants and the access agree."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.subscriptions.money_machine import MoneyMachine

pytestmark = pytest.mark.django_db

FEW, MANY = 30, 2_000  # sequences


@pytest.mark.proof("money_machine")
def test_every_sequence_of_steps_keeps_the_books(full_size, report):
    sequences = 0

    class Counted(MoneyMachine):
        def __init__(self):
            nonlocal sequences
            sequences += 1
            super().__init__()

    wanted, steps = (MANY, 25) if full_size else (FEW, 8)
    checks = settings(
        max_examples=wanted,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Counted, settings=checks)
    report(f"{sequences} sequences of up to {steps} steps")
    assert sequences >= wanted
