"""What the staff's pages may load and run; all other pages have the strict policy of the settings."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update

View = TypeVar("View", bound=Callable[..., Any])
# Alpine.js, which unfold's pages run on, compiles its attributes with `Function`. Scripts stand in files;
# styles stand in the pages too: unfold writes its colours there, Alpine and the charts set them.
_OF_UNFOLD = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}


def relaxed(view: View) -> View:
    """Let the pages of a view run what unfold needs."""
    return cast("View", csp_update(_OF_UNFOLD)(view))
