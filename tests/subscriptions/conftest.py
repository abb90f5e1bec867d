"""Property tests in two sizes."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings

FEW, MANY = 150, 10_000


@pytest.fixture
def for_all(full_size: bool, report: Callable[[str], None]) -> Callable[..., None]:
    """Check a property against examples: 150 in the suite, 10 000 as a proof; tell how many there were."""

    def check_examples(check: Callable[..., None], **strategies: Any) -> None:
        wanted, checked = MANY if full_size else FEW, 0

        @settings(max_examples=wanted, deadline=None)
        @given(**strategies)
        def one_example(**values: Any) -> None:
            nonlocal checked
            checked += 1
            check(**values)

        one_example()
        assert checked >= wanted
        report(f"{checked} examples: {check.__name__.replace('_', ' ')}")

    return check_examples
