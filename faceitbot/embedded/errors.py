"""What can foreseeably go wrong with the embedded servers."""

from pathlib import Path


class EmbeddedError(Exception):
    """Tell in one sentence why the servers cannot be had."""


class StateInUseError(EmbeddedError):
    """Another process holds the state folder; `offer` is what it offers, {} while it is still starting."""

    def __init__(self, folder: Path, offer: dict[str, str]) -> None:
        super().__init__(f"Another process uses {folder}.")
        self.offer = offer
