"""The list of checks, in the order in which they are shown."""

from faceitbot.core.health.checks import Check

_checks: dict[str, Check] = {}


def register(*checks: Check) -> None:
    """Add checks to the list; one of the same name takes its place."""
    _checks.update({check.name: check for check in checks})


def checks(*names: str) -> list[Check]:
    """Give all checks, or those of these names."""
    return [_checks[name] for name in names] if names else list(_checks.values())
