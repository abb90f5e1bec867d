"""What a person reads on a page, and which of it is English."""

import re
from html.parser import HTMLParser

SILENT = {"script", "style", "template", "svg"}
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
SAID_BY = ("title", "placeholder", "alt", "aria-label", "aria-description", "data-confirm")
ICON, CODE = "material-symbols", {"code"}
_LETTERS, _SIGNS = re.compile(r"[A-Za-z][A-Za-z'’-]*[A-Za-z]"), ".,;:!?…()[]{}«»“”\"'—–-·⭐%"

# What staff call so in Russian, too.
KNOWN = {
    *("faceitbot", "FACEIT", "Telegram", "ID", "Free", "Premium", "Pro", "API", "SHA", "CSV", "XLSX", "XTR"),
    *(
        "English",
        "en",
        "ru",
        "e-mail",
        "esc",
        "Control",
        "Command",
        "Mac",
        "SSO",
        "LDAP",
        "Single",
        "Sing-On",
        "cookie",
        "Excel",
    ),
    *("ADR", "ELO", "MVP"),
    *("Fragment", "Aegis", "FAS", "2FAS", "Google", "Authenticator", "QR"),
}
# What rows hold: of tests.factories, tests.admin.rows and examples.nine_stories; and the groups of the roles.
DATA = (
    *("I paid and got nothing.", "bad", "No.", "outage", "something nobody has ever sold", "twice"),
    *("support", "finance", "admin"),
    *("Foxes", "ONGOING", " · DE"),
    "DatabaseUnavailable · UserRepository.method0",
)


class Reader(HTMLParser):
    """Collects the texts of a page that are neither an icon nor an id, nor quoted and marked as English."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        classes = given.get("class") or ""
        quoted = tag == "small" and given.get("lang") == "en"  # the report of an import
        hidden = tag in SILENT or ICON in classes or quoted or bool(CODE & set(classes.split()))
        if not hidden:
            self.texts += [text for name in SAID_BY if (text := given.get(name))]
            if tag == "input" and given.get("type") in {"submit", "button", "reset"}:
                self.texts.append(given.get("value") or "")
        if tag not in VOID:
            self.open.append((tag, hidden or bool(self.open and self.open[-1][1])))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self.open and self.open[-1][1]):
            self.texts.append(" ".join(data.split()))


def english(page: str) -> set[str]:
    """Give the texts of a page that hold an English word; ids and addresses are none."""
    reader = Reader()
    reader.feed(page)
    return {text for text in reader.texts if {_word(token) for token in _said(text).split()} - KNOWN - {""}}


def _said(text: str) -> str:
    for held in DATA:
        text = text.replace(held, "")
    return text


def _word(token: str) -> str:
    """Give the letters of a token, "" if they are no word: an id, an address, a name of a program."""
    bare = token.strip(_SIGNS)
    return bare if _LETTERS.fullmatch(bare) else ""
