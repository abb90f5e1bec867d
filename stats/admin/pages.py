"""What the pages about players have in common."""

from typing import Any

from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Lower
from django.utils.html import format_html
from django.utils.safestring import SafeString

from faceitbot.core.display import EMPTY

DANGER_COLOURS = {1: "success", 2: "success", 3: "warning", 4: "danger", 5: "danger"}
WON_COLOURS = {"won": "success", "lost": "danger", "unknown": "info"}


def by_name_or(rows: QuerySet[Any], term: str, condition: Q) -> QuerySet[Any]:
    """Give the rows of a player of this nickname in any case, and those of another condition."""
    named = rows.alias(nickname_lower=Lower("nickname", output_field=TextField()))
    found: QuerySet[Any] = named.filter(Q(nickname_lower=Lower(Value(term))) | condition)
    return found


def form(letters: str) -> SafeString | str:
    """Give recent results, the newest first."""
    return format_html('<span class="code">{}</span>', " ".join(letters)) if letters else EMPTY
