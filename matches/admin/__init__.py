"""Pages about matches; nobody writes these rows by hand."""

from matches.admin import analyses, bodies

__all__ = ["analyses", "bodies"]
