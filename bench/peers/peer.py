"""Another library that is measured beside ours."""

from importlib.util import find_spec


class Peer:
    """A library that the project itself does not need."""

    package = ""

    @property
    def is_installed(self) -> bool:
        """Whether it can be measured here."""
        return find_spec(self.package) is not None

    async def open(self) -> None:
        """Connect, and prepare what one would prepare once."""

    async def close(self) -> None:
        """Give the connections back."""
