"""The records that an import refused or left to a person, a page at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict

from faceitbot.core.ids import typed_id
from faceitbot.core.lists import keyset
from faceitbot.models import ImportRefusal, ImportRun
from faceitbot.staff_room.import_page.words import codes, meaning
from faceitbot.staff_room.steps import page_of
from users.models import User

PER_PAGE = 50
SEARCH, CODE, TO_DECIDE, REFUSED = "q", "code", "to_decide", "refused"


@dataclass(frozen=True)
class Line:
    """One record of the file, and where its user is."""

    record: int
    line: int
    telegram_id: int | None
    user_url: str
    means: str
    sentence: str


@dataclass(frozen=True)
class Lines:
    """One page of a table, with the ways to its neighbours; "" where there is none."""

    name: str
    rows: list[Line]
    previous_url: str
    next_url: str


@dataclass(frozen=True)
class Search:
    """Which records an address means: all, those of one user, and of the refused those with one code."""

    term: str
    code: str

    @classmethod
    def of(cls, asked: QueryDict) -> "Search":
        """Read what an address asks for."""
        code = asked.get(CODE, "")
        return cls(asked.get(SEARCH, "").strip(), code if code in codes() else "")

    @property
    def telegram_id(self) -> int | None:
        """The user that is looked for, None for text that is no Telegram id."""
        return typed_id(self.term)

    def narrowed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows that are meant."""
        if self.code and rows.model is ImportRefusal:
            rows = rows.filter(code=self.code)
        if not self.term:
            return rows
        return rows.none() if self.telegram_id is None else rows.filter(telegram_id=self.telegram_id)

    def url(self, **marks: str) -> str:
        """Give the address of the same records at another place."""
        asked = {SEARCH: self.term, CODE: self.code, **marks}
        return f"?{urlencode({name: value for name, value in asked.items() if value})}"


def lines_of(run: ImportRun, name: str, search: Search, mark: str) -> Lines:
    """Give the page of a table that a mark means, in the order of the file."""
    rows = search.narrowed((run.undecided if name == TO_DECIDE else run.refusals).all())
    columns = keyset.columns_of(rows.model, ["record"])
    found = keyset.page(rows, columns, PER_PAGE, mark)

    def way(to: str) -> str:
        return f"{search.url(**{name: to})}#{name}" if to else ""

    return Lines(name, list(_told(found.rows)), way(found.previous), way(found.next))


def chips_of(run: ImportRun, search: Search) -> list[dict[str, Any]]:
    """Give the codes of the refused records, each with its number; none where all have the same."""
    found: dict[str, int] = run.counts.get("refusals", {})
    if len(found) < 2:  # noqa: PLR2004 - nothing to choose from
        return []
    return [
        {
            "title": meaning(code),
            "number": number,
            "url": f"{Search(search.term, code).url()}#{REFUSED}",
            "is_chosen": code == search.code,
        }
        for code, number in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _told(rows: list[Any]) -> Iterator[Line]:
    named = User.objects.filter(telegram_id__in={row.telegram_id for row in rows} - {None})
    pages = {user.telegram_id: page_of(user) for user in named}
    for row in rows:
        yield Line(
            record=row.record,
            line=row.line,
            telegram_id=row.telegram_id,
            user_url=pages.get(row.telegram_id, ""),
            means=meaning(row.code),
            sentence=_without_place(row.sentence),
        )


def _without_place(sentence: str) -> str:
    """Leave out the place in the file, which stands in a column of its own."""
    place, colon, rest = sentence.partition("): ")
    return rest if colon and place.startswith("record ") else sentence
