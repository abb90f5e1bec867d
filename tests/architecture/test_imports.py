"""Who may import whom. Imports point down only; docs/architecture.md says why."""

import ast

from tests.architecture.sources import ROOT, modules

CORE, FACEIT, TEXTS = "faceitbot.core", "faceitbot.faceit", "faceitbot.texts"
EMBEDDED, TOP = "faceitbot.embedded", "faceitbot"
LOWER = {CORE, FACEIT, TEXTS}
ALLOWED = {
    CORE: set(),
    FACEIT: {CORE},
    TEXTS: {CORE},
    EMBEDDED: set(),
    "users": LOWER,
    "subscriptions": LOWER | {"users"},
    "matches": LOWER | {"users"},
    "stats": LOWER | {"users"},
    "analytics": LOWER | {"users", "subscriptions", "matches", "stats"},
    TOP: LOWER | {"users", "subscriptions", "matches", "stats", "analytics"},
}


def part_of(module: str) -> str | None:
    """Give the part of the house that a module belongs to, None for other people's modules."""
    names = module.split(".")
    for depth in (2, 1):
        if ".".join(names[:depth]) in ALLOWED:
            return ".".join(names[:depth])
    return None


def imports_of(path):
    """Yield (module, line, whether it stands inside a function or behind TYPE_CHECKING)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = {
        id(inner)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
        or (isinstance(outer, ast.If) and "TYPE_CHECKING" in ast.unparse(outer.test))
        for inner in ast.walk(outer)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno, id(node) in hidden
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno, id(node) in hidden


def crossings():
    """Yield each import of one part by another: (where, here, there, hidden)."""
    for path in modules("product"):
        here = part_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for name, line, hidden in imports_of(path):
            there = part_of(name)
            if there not in (None, here):
                yield f"{path.relative_to(ROOT)}:{line} imports {name}", here, there, hidden


def test_imports_point_down_only():
    assert [where for where, here, there, _hidden in crossings() if there not in ALLOWED[here]] == []


def test_no_import_between_apps_is_hidden():
    """An import inside a function or behind TYPE_CHECKING would be a circle in disguise."""
    assert [where for where, here, _there, hidden in crossings() if hidden and here != TOP] == []


def test_the_table_would_catch_a_wrong_import(tmp_path):
    """Control: the reader sees both forms of import, and the table refuses them."""
    source = tmp_path / "module.py"
    source.write_text("import users.models\nfrom subscriptions import models\n\ndef f():\n    import stats\n")

    found = list(imports_of(source))

    assert found == [("users.models", 1, False), ("subscriptions.models", 2, False), ("stats", 5, True)]
    assert part_of("users.models") == "users"
    assert part_of("users.models") not in ALLOWED[CORE]
    assert part_of("faceitbot.core.errors") == CORE
    assert part_of("faceitbot.settings") == TOP
    assert part_of("django.db") is None
