"""Reads the environment, and remembers what is wrong with it.

A wrong value does not stop Django while it loads its settings: a usable default takes its place, and the
problem becomes a numbered system check with a hint (`faceitbot.checks`), so that one start names every
mistake. `faceitbot.setup()` and the web server refuse to go on with any.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

_TRUE = {"true", "1", "yes", "on"}
_FALSE = {"false", "0", "no", "off"}


@dataclass(frozen=True)
class Problem:
    """One variable whose value cannot be used."""

    variable: str
    why: str
    hint: str


def refuse_wrong_environment(problems: Sequence[Problem]) -> None:
    """Keep a process from serving with placeholders: commands say so in their checks, servers by this.

    Errors: `ImproperlyConfigured` that names every problem.
    """
    if problems:
        raise ImproperlyConfigured("; ".join(f"{p.variable}: {p.why}" for p in problems))


@dataclass
class Environment:
    """Typed access to the environment's variables; `.env` beside manage.py fills the gaps."""

    file: Path
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._source = environ.Env()
        if self.file.is_file():
            environ.Env.read_env(str(self.file))

    def text(self, name: str, default: str = "") -> str:
        """Give the text of a variable, stripped."""
        return str(self._source.str(name, default=default)).strip()

    def secret(self, name: str) -> str:
        """Give a variable without which nothing can start."""
        value = self.text(name)
        if not value:
            raise ImproperlyConfigured(
                f"{name} is not set; put it into the environment or into .env (see .env.example)"
            )
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """Give a yes or no."""
        value = self.text(name).lower()
        if value and value not in _TRUE | _FALSE:
            self.report(name, f"{value!r} is neither true nor false", "Write true or false.")
            return default
        return value in _TRUE if value else default

    def whole(self, name: str, default: int, *, lowest: int, highest: int) -> int:
        """Give a whole number within its bounds."""
        value = self.text(name)
        if value and not (re.fullmatch(r"\d{1,9}", value) and lowest <= int(value) <= highest):
            self.report(
                name,
                f"{value!r} is not a whole number from {lowest} to {highest}",
                f"The default is {default}.",
            )
            return default
        return int(value) if value else default

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """Give one of the words that are offered."""
        value = self.text(name, default)
        if value not in choices:
            self.report(name, f"{value!r} is not one of {', '.join(choices)}", f"The default is {default}.")
            return default
        return value

    def words(self, name: str) -> list[str]:
        """Give a comma-separated list."""
        return [word.strip() for word in self.text(name).split(",") if word.strip()]

    def url(self, name: str, schemes: tuple[str, ...], placeholder: str, *, required: bool = True) -> str:
        """Give a URL; the placeholder stands in for one that cannot be used, or need not be set."""
        value = self.text(name) or ("" if required else placeholder)
        if not value:
            self.report(name, "it is not set", f"Write a URL such as {placeholder}.")
            return placeholder
        if value.partition("://")[0] not in schemes:
            self.report(
                name,
                f"it does not begin with {' or '.join(s + '://' for s in schemes)}",
                f"For example {placeholder}.",
            )
            return placeholder
        return value

    def report(self, variable: str, why: str, hint: str) -> None:
        """Note that a variable cannot be used."""
        self.problems.append(Problem(variable, why, hint))
