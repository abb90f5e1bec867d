"""What can foreseeably go wrong, each told in one sentence."""

from pathlib import Path


class StartError(Exception):
    """Tell in one sentence why something cannot be had."""


class StateInUseError(StartError):
    """Another process holds the state folder; `offer` is what it offers, {} while it is still starting."""

    def __init__(self, folder: Path, offer: dict[str, str]) -> None:
        super().__init__(f"Another process uses {folder}.")
        self.offer = offer


class StepFailedError(StartError):
    """A program failed; `output` is what it said."""

    def __init__(self, title: str, code: int, output: str) -> None:
        super().__init__(f"The step '{title}' failed with exit code {code}. It said:\n{output}")
        self.output = output
