"""The way to a match's room on FACEIT."""

from urllib.parse import quote, urlsplit

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

ROOM = "https://www.faceit.com/en/{game}/room/{match_id}"
_HOSTS = {"faceit.com", "www.faceit.com"}
_LINK = '<a class="text-link" href="{}" target="_blank" rel="noopener noreferrer">{}</a>'


def room_address(match_id: str, game: str, url: str = "") -> str:
    """Give the address of a match's room: as FACEIT has given it, or as FACEIT makes them."""
    address = url.replace("{lang}", "en")
    if _is_of_faceit(address):
        return address
    return ROOM.format(game=quote(game, safe=""), match_id=quote(match_id, safe=""))


def room_link(match_id: str, game: str, url: str = "") -> SafeString:
    """Give the link to a match's room."""
    return format_html(_LINK, room_address(match_id, game, url), _("Room on FACEIT"))


def _is_of_faceit(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and parts.netloc in _HOSTS
