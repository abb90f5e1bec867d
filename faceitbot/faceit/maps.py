"""Names of maps.

Bodies write the same one as `Mirage`, `de_mirage` and `workshop/123/de_mirage`.
"""

import re

from faceitbot.core.errors import InvalidInput
from faceitbot.core.text import clean_text

LONGEST_NAME = 64

# A name that begins so is the file's own. All other names are titles, and nearly all maps are `de_`.
_KINDS = ("de_", "cs_", "ar_", "aim_", "awp_", "dz_", "fy_", "gd_")

# What a title alone does not tell. One line for each; the rest follows the rule.
_TITLES = {
    "dust_2": "de_dust2",
    "dust_ii": "de_dust2",
    "dustii": "de_dust2",
    "agency": "cs_agency",
    "alpine": "cs_alpine",
    "assault": "cs_assault",
    "insertion": "cs_insertion",
    "insertion2": "cs_insertion2",
    "italy": "cs_italy",
    "militia": "cs_militia",
    "office": "cs_office",
}


def map_name(text: object, field: str = "map") -> str:
    """Give the name that a map is stored under: `Dust II` -> `de_dust2`.

    A number (a map of the workshop that the body says no more about) stays as it is.
    Errors: `InvalidInput` for what is no text, empty, hostile or longer than 64 characters.
    """
    title = clean_text(text, field, LONGEST_NAME).rpartition("/")[2].strip().lower()
    name = re.sub(r"[\s-]+", "_", title)
    if not name:
        raise InvalidInput(f"{field} must be the name of a map", field=field)
    if not name.startswith(_KINDS) and not name.isdigit():
        name = _TITLES.get(name, f"de_{name}")
    return clean_text(name, field, LONGEST_NAME)
