"""Who may open what: every address that the site resolves, asked by everybody there is, with GET and POST."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User as Account
from django.db import transaction
from django.http import FileResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django_otp import DEVICE_ID_SESSION_KEY

from faceitbot.accounts import second_factor
from tests.admin.roles import member
from tests.admin.rows import make_rows
from tests.admin.scenarios import SCENARIOS
from tests.factories import StaffFactory

# "password alone" is somebody of finance who has not given his code yet.
PEOPLE = ("anonymous", "password alone", "support", "finance", "admin")
LOGIN = reverse("admin:login")
SECOND_FACTOR = {reverse("admin:second_factor_verify"), reverse("admin:second_factor_enrol")}
# What stands for the variable parts of those addresses that are about no row of a model.
_EXAMPLES = {"<app>": "auth", "<anything>": "no-such-page", "<path:content_type_id>": "1"}
_NAMES = {r"\(\?P<app_label>[^)]*\)": "<app>", r"\(\?P<url>[^)]*\)": "<anything>", "[$^]": ""}
_VARIABLE = re.compile(r"<(\w+:)?(object_id|id)>")
_MEANING = {
    ("yes", "yes"): "open",
    ("yes", "no"): "look",
    ("yes", "405"): "look",
    ("405", "yes"): "do",
    ("405", "code"): "do",
    ("405", "no"): "no",
    ("no", "405"): "no",
}


def addresses(resolver: URLResolver | None = None, before: str = "/") -> Iterator[str]:
    """Give the routes of all addresses, as they are declared."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + str(pattern.pattern)
        for declared, name in _NAMES.items():
            route = re.sub(declared, name, route)
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from addresses(pattern, route)


def actions_of_lists() -> Iterator[tuple[str, str, str]]:
    """Give the actions on chosen rows: what the table calls them, of which model, their names."""
    for model, page in admin.site._registry.items():
        for action in page.actions or ():
            name = str(getattr(action, "__name__", action))
            yield f"{_list_of(model)} with chosen rows: {name}", model._meta.label, name


def all_names() -> list[str]:
    """Give all that somebody may or may not."""
    return [*addresses(), *(name for name, _label, _action in actions_of_lists())]


class Asker:
    """Somebody, signed in as far as he is; he asks about rows that are made for each question."""

    def __init__(self, person: str) -> None:
        self.cookies, self.helper = _sign_in(person), StaffFactory.create()
        self.lists = {_list_of(model): model for model in admin.site._registry}
        self.deeds = {_route_of(*key): make for key, make in SCENARIOS.items()}

    def column(self) -> dict[str, str]:
        """Give what he is answered everywhere."""
        found = {route: self._cell(route) for route in addresses()}
        for name, label, action in actions_of_lists():
            found[name] = self._chosen(label, action)
        return found

    def _cell(self, route: str) -> str:
        """Ask for an address; for an action about rows that it can be done to, with a whole form."""
        words = []
        for method in ("get", "post"):
            with _taken_back():
                deed = self.deeds[route](self.helper) if route in self.deeds else None
                url, sent = (deed.url, deed.sent) if deed else (self._example(route), {})
                words.append(_word(self._ask(method, url, sent if method == "post" else None)))
        get, post = words
        return _MEANING.get((get, post), get if get == post else f"GET {get}, POST {post}")

    def _chosen(self, label: str, action: str) -> str:
        with _taken_back():
            deed = SCENARIOS[label, action](self.helper)
            answer = self._ask("post", deed.url, deed.opened)
            if _word(answer) != "yes":
                return _word(answer)
            asked_why = answer.status_code == 200 and "cl" not in answer.context
            return "do" if asked_why else "no"

    def _ask(self, method: str, url: str, sent: dict[str, Any] | None) -> Any:
        client = Client()
        client.cookies.load(self.cookies)
        answer = getattr(client, method)(url, sent)
        if isinstance(answer, FileResponse):
            list(answer)  # read to its end, the file is closed
        return answer

    def _example(self, route: str) -> str:
        for variable, example in _EXAMPLES.items():
            route = route.replace(variable, example)
        model = next((model for url, model in self.lists.items() if route.startswith(url)), None)
        return _VARIABLE.sub(lambda _found: str(_row_of(model).pk) if model else "1", route)


@contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _sign_in(person: str) -> dict[str, str]:
    if person == "anonymous":
        return {}
    account = member("finance" if person == "password alone" else person)
    client = Client()
    client.force_login(account)
    if person in ("finance", "admin"):
        app = second_factor.begin(account)
        app.confirmed = True
        app.save()
        session = client.session
        session[DEVICE_ID_SESSION_KEY] = app.persistent_id
        session.save()
    return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}


def _word(answer: Any) -> str:
    to = answer.headers.get("Location", "").partition("?")[0]
    if answer.status_code == 302 and to in {LOGIN, *SECOND_FACTOR}:
        return "login" if to == LOGIN else "code"
    return {403: "no", 404: "404", 405: "405"}.get(answer.status_code, "yes")


def _row_of(model: Any) -> Any:
    # Only a superuser touches another one.
    return StaffFactory.create(is_superuser=False) if model is Account else make_rows(model, 0, 1)[0]


def _list_of(model: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def _route_of(label: str, action: str) -> str:
    """Give the route of an action on one row or on none; one on chosen rows has none of its own."""
    url = _list_of(apps.get_model(label))
    known, own = set(addresses()), (f"{url}<path:object_id>/{action}/", f"{url}{action}/")
    return next((route for route in own if route in known), f"{url} with chosen rows: {action}")
