"""The table of who may open what, as docs/staff-access.md has it."""

from collections.abc import Mapping

from tests.admin.access import PEOPLE
from tests.architecture.sources import ROOT

FILE = ROOT / "docs" / "staff-access.md"
Table = dict[str, dict[str, str]]
HEAD = """\
# Who may open what

Every address that the site resolves, asked with GET and with POST by everybody there is. It is made by
`python3 dev.py prove access`; a test asks everything anew, and fails on an answer that is not in here, and on
an address that is not. So a new page is declared by making the table again and reading what has changed.

| word | what it means |
|---|---|
| `open` | GET and POST are answered |
| `look` | GET is answered, POST refused |
| `do` | POST is answered; GET asks for nothing |
| `no` | both are refused |
| `login` | leads to the password |
| `code` | leads to the second factor |
| `404` | there is nothing of that kind for him |

*password alone* is somebody of finance who has not given his code yet. Actions are asked about rows that they
can be done to, with a whole form. A list answers POST with itself; what is done to chosen rows stands at the
end, on lines of its own. What each role may do is declared in `faceitbot/accounts/roles.py`.

"""


def written(table: Mapping[str, Mapping[str, str]]) -> str:
    """Give the file."""
    lines = [_line(["address", *PEOPLE]), _line(["---"] * (1 + len(PEOPLE)))]
    lines += [_line([f"`{name}`", *(cells[person] for person in PEOPLE)]) for name, cells in table.items()]
    return HEAD + "\n".join(lines) + "\n"


def read() -> Table:
    """Give what the file declares."""
    found = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        name, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        if name.startswith("`/"):
            found[name.strip("`")] = dict(zip(PEOPLE, cells, strict=True))
    return found


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
