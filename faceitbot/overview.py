"""The figures on the staff's first page."""

import math
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from faceitbot.core.cache.configuration import lifetime_seconds
from faceitbot.core.display import digits
from faceitbot.core.figures import percentage
from faceitbot.core.models import AuditEntry
from users.repositories import UserRepository

MOST_LANGUAGES = 5
LATEST_ENTRIES = 5


@dataclass(frozen=True)
class Card:
    """One figure, what it means, and the list of the users that it counts."""

    title: str
    figure: str
    note: str
    link: str


def overview(staff: User, *, fresh: bool = False) -> dict[str, Any]:
    """Give the template what this member of staff may see; `fresh` has the figures made anew."""
    context: dict[str, Any] = {}
    if staff.has_perm("users.view_user"):
        stats = UserRepository().get_user_stats.blocking(fresh=fresh)
        context |= {
            "cards": _cards(stats),
            "languages": _languages(stats),
            "has_users": stats["total_users"] > 0,
            "oldest_minutes": math.ceil(lifetime_seconds("stats_cache") / 60),
        }
    if staff.has_perm("core.view_auditentry"):
        context["audit_entries"] = list(AuditEntry.objects.select_related("actor")[:LATEST_ENTRIES])
    return context


def _cards(stats: dict[str, Any]) -> list[Card]:
    users = reverse("admin:users_user_changelist")
    of_all = _("%(rate)s %% of all users")
    return [
        Card(_("Users"), digits(stats["total_users"]), _("without the erased ones"), users),
        Card(
            _("Linked to FACEIT"),
            digits(stats["users_with_faceit"]),
            of_all % {"rate": f"{stats['faceit_link_rate']:.1f}"},
            f"{users}?faceit=linked",
        ),
        Card(
            _("Active in 7 days"),
            digits(stats["active_users_7d"]),
            of_all % {"rate": f"{stats['activity_rate']:.1f}"},
            f"{users}?active=7",
        ),
        Card(
            _("New in 24 hours"),
            digits(stats["new_users_24h"]),
            _("registered since yesterday"),
            f"{users}?registered=1",
        ),
    ]


def _languages(stats: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the most frequent languages, and the sum of the others."""
    counts = sorted(stats["language_distribution"].items(), key=lambda item: (-item[1], item[0]))
    shown = [(_name(code), count) for code, count in counts[:MOST_LANGUAGES]]
    others = sum(count for _code, count in counts[MOST_LANGUAGES:])
    if others:
        shown.append((_("Others"), others))
    return [
        {"name": name, "count": digits(count), "share": percentage(count, stats["total_users"])}
        for name, count in shown
    ]


def _name(code: str) -> str:
    try:
        return str(capfirst(get_language_info(code)["name_translated"]))
    except KeyError:
        return code
