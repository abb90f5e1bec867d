"""Which texts the sources hold: ours, and those that other packages bring no Russian for."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from django.apps import AppConfig, apps
from django.conf import settings
from django.utils.translation.template import templatize

from faceitbot.core.errors import FaceitBotError

LANGUAGE = "ru"
# Which arguments of a call are texts, and which is their context.
Arguments = tuple[tuple[int, ...], int | None]
_ONE: Arguments = ((0,), None)
_FUNCTIONS: dict[str, Arguments] = {
    "_": _ONE,
    **dict.fromkeys(("gettext", "gettext_lazy", "gettext_noop"), _ONE),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), ((0, 1), None)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1,), 0)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, 2), 0)),
}
_CALL = re.compile(r"(?<!\w)(?:_|n?p?gettext)\(")
_FOR_OPERATORS = ("faceitbot.core.cache.", "faceitbot.legacy", "tests.")
_TEMPLATES = {".html", ".txt"}
_LEFT_OUT = {"migrations", "static", "tests", "translating", "contrib"}  # what is used of contrib is an app


def collect() -> Catalog:
    """Give every text that a page may show and that nobody else has in Russian."""
    found = Catalog(locale=LANGUAGE)
    root = Path(settings.BASE_DIR)
    own = [app for app in apps.get_app_configs() if _is_ours(app)]
    others = [app for app in apps.get_app_configs() if app not in own]
    folders = [Path(app.path) for app in own]
    folders = [each for each in folders if not _inside_another(each, folders)]
    for folder in sorted([*folders, root / "templates"]):
        _add(found, folder, root, own=True)
    for app in own:
        for model in app.get_models():
            for _codename, name in model._meta.permissions:
                found.add(name, locations=[(f"{app.label}.{model.__name__}", 0)])
    known = _known_elsewhere(others)
    for app in others:
        if app.name.startswith("django."):
            continue  # its Russian is whole
        theirs = Catalog(locale=LANGUAGE)
        _add(theirs, Path(app.path), Path(app.path).parent, own=False)
        for message in theirs:
            if message.id and key(message) not in known:
                found.add(message.id, locations=message.locations, context=message.context)
    return found


def key(message: Message) -> tuple[str, str | None]:
    """Give what tells messages apart: the text, in the singular, and its context."""
    text = message.id[0] if isinstance(message.id, tuple | list) else message.id
    context: Any = message.context
    return str(text), context.decode() if isinstance(context, bytes) else context  # bytes in a compiled one


def _is_ours(app: AppConfig) -> bool:
    path = Path(app.path)
    return path.is_relative_to(settings.BASE_DIR) and "site-packages" not in path.parts


def _inside_another(folder: Path, folders: list[Path]) -> bool:
    return any(folder != other and folder.is_relative_to(other) for other in folders)


def _known_elsewhere(others: list[AppConfig]) -> set[tuple[str, str | None]]:
    """Give what Django and the apps of others say in Russian themselves."""
    folders = [Path(django.__file__).parent / "conf", *(Path(app.path) for app in others)]
    known = set()
    for folder in folders:
        compiled = folder / "locale" / LANGUAGE / "LC_MESSAGES" / "django.mo"
        if compiled.exists():
            with compiled.open("rb") as file:
                known |= {key(message) for message in read_mo(file) if message.id}
    return known


def _add(found: Catalog, folder: Path, root: Path, *, own: bool) -> None:
    for path in sorted(folder.rglob("*")):
        if _LEFT_OUT & set(path.relative_to(folder).parts):
            continue
        if path.suffix in _TEMPLATES:
            texts = _of_template(path)
        elif path.suffix == ".py":
            texts = _of_module(path, _functions(own))
        else:
            continue
        for text, context in texts:
            found.add(text, locations=[(path.relative_to(root).as_posix(), 0)], context=context)


def _functions(own: bool) -> dict[str, Arguments]:
    """Give what takes a text; our errors do, too: staff are told what they say."""
    return {**_FUNCTIONS, **dict.fromkeys(_errors(FaceitBotError), _ONE)} if own else _FUNCTIONS


def _errors(base: type[FaceitBotError]) -> Iterator[str]:
    if not base.__module__.startswith(_FOR_OPERATORS):
        yield base.__name__
    for error in base.__subclasses__():
        yield from _errors(error)


def _of_module(path: Path, functions: dict[str, Arguments]) -> Iterator[tuple[Any, str | None]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return _of_calls(tree, functions)


def _of_template(path: Path) -> Iterator[tuple[Any, str | None]]:
    """Read a template as Django does for gettext: calls, with letters for all that stands between them."""
    source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for call in _CALL.finditer(source):
        yield from _of_calls(_first_call(source[call.start() :]), _FUNCTIONS)


def _first_call(source: str) -> ast.AST:
    """Parse the call that some text begins with; what stands behind it is no Python."""
    for end in re.finditer(r"\)", source):
        try:
            return ast.parse(source[: end.end()])
        except SyntaxError:
            continue  # a parenthesis within the text
    return ast.Module([], [])


def _of_calls(tree: ast.AST, functions: dict[str, Arguments]) -> Iterator[tuple[Any, str | None]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions:
            wanted, place_of_context = functions[node.func.id]
            given = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
            texts = [given[place] for place in wanted if place < len(given)]
            if len(texts) == len(wanted) and all(isinstance(text, str) and text for text in texts):
                context = None if place_of_context is None else str(given[place_of_context])
                yield (texts[0] if len(texts) == 1 else tuple(texts)), context
