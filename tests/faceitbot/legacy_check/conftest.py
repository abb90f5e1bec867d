"""The tests of the comparison use the samples of the import's."""

from tests.faceitbot.legacy.conftest import samples, write_file

__all__ = ["samples", "write_file"]
