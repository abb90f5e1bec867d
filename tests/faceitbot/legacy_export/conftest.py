"""The tests of the export use the samples of the import's."""

from tests.faceitbot.legacy.conftest import samples

__all__ = ["samples"]
