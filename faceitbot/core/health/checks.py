"""What a check is, and what it finds. Every text is made when it is read, in the reader's language."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.functional import Promise, lazy
from django.utils.translation import pgettext_lazy

Text = str | Promise


class State(StrEnum):
    """How something is. Unknown: what it would have to be asked of does not answer."""

    FINE = "fine"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"

    @property
    def label(self) -> Promise:
        """The word for it."""
        return _LABELS[self]


_LABELS = {
    State.FINE: pgettext_lazy("health", "fine"),
    State.DEGRADED: pgettext_lazy("health", "degraded"),
    State.DOWN: pgettext_lazy("health", "down"),
    State.UNKNOWN: pgettext_lazy("health", "not known"),
}
BAD = (State.DEGRADED, State.DOWN)


class Needs(StrEnum):
    """What a check has to ask."""

    NOTHING = "nothing"
    DATABASE = "database"
    CACHE = "cache"


@dataclass(frozen=True)
class Finding:
    """What a look has found: a sentence, since when (where the rows know), and a next step of its own."""

    state: State
    sentence: Text
    since: datetime | None = None
    next_step: Text = ""


@dataclass(frozen=True)
class Check:
    """One thing that can be looked at.

    `still_works` says what goes on while it is bad, `next_step` what to do: a command, or a page.
    When something `vital` is down, everything is; other checks degrade. When what is `about_server` is down,
    the checks behind it that need the same are not asked. What is `light` may be looked at every few seconds.
    """

    name: str
    title: Text
    look: Callable[[], Finding]
    still_works: Text
    next_step: Text
    needs: Needs = Needs.NOTHING
    vital: bool = False
    about_server: bool = False
    light: bool = True


@dataclass(frozen=True)
class Verdict:
    """A check, and what it has found."""

    check: Check
    finding: Finding
    since: datetime | None = None

    @property
    def name(self) -> str:
        """The check's name, for programs."""
        return self.check.name

    @property
    def state(self) -> State:
        """How it is."""
        return self.finding.state

    @property
    def is_bad(self) -> bool:
        """Whether it has to be told since when, what still works, and what to do."""
        return self.state != State.FINE

    @property
    def next_step(self) -> Text:
        """What to do."""
        return self.finding.next_step or self.check.next_step


def spoken(say: Callable[[], str]) -> Text:
    """Give a text that is made each time it is read. `say` holds values only and asks nobody."""
    text: Text = lazy(say, str)()
    return text


def overall(verdicts: Iterable[Verdict]) -> State:
    """Give what all of it comes to: fine, degraded or down."""
    found = list(verdicts)
    if any(verdict.check.vital and verdict.state == State.DOWN for verdict in found):
        return State.DOWN
    return State.DEGRADED if any(verdict.is_bad for verdict in found) else State.FINE
