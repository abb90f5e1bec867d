"""Pages of the staff room as a day's work opens them, and what each costs the database."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from faceitbot.core.lists import keyset
from faceitbot.core.staff import StaffPages
from tests.millions.plans import Statement, heard


@dataclass
class Visit:
    """One page, and the statements that it took."""

    url: str
    statements: list[Statement] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """How long all of them took."""
        return sum(each.seconds for each in self.statements)

    @property
    def slowest(self) -> Statement:
        """The one that took longest."""
        return max(self.statements, key=lambda each: each.seconds)

    def __str__(self) -> str:
        return f"{self.seconds * 1_000:.0f} ms, {len(self.statements)} queries: {self.url}"


def visit(page: Client, url: str) -> Visit:
    """Open a page."""
    found = Visit(url)
    with heard(found.statements):
        answer = page.get(url)
    assert answer.status_code == 200, url
    return found


# ---- Addresses


def lists() -> list[type[Model]]:
    """Give the models that have a list of ours."""
    return [model for model, its_page in admin.site._registry.items() if isinstance(its_page, StaffPages)]


def address(model: type[Model], view: str = "changelist", *args: Any) -> str:
    """Give the address of a page about a model."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def pages_of_list(page: Client, model: type[Model]) -> Iterator[str]:
    """Give a list in each order and by each choice of each filter, and its pages far from the first."""
    url = address(model)
    cl = page.get(url).context["cl"]
    yield url
    for number, name in enumerate(cl.list_display):
        if number and cl.get_ordering_field(name):
            yield from (f"{url}?o={sign}{number}" for sign in ("", "-"))
            yield f"{url}?o={number}&p=last"
    for spec in cl.filter_specs:
        yield from (url + choice["query_string"] for choice in spec.choices(cl) if "query_string" in choice)
    if middle := middle_row(model, cl):
        columns = keyset.columns_of(model, cl.queryset.query.order_by)
        mark = keyset._mark(middle, columns)
        yield from (f"{url}?{urlencode({'p': turn})}" for turn in (f">{mark}", f"<{mark}", "last"))


def middle_row(model: type[Model], cl: Any) -> Any:
    """Give a row from the middle of a list."""
    keys = cl.queryset.select_related(None).values_list("pk", flat=True)
    keys = keys.order_by(*cl.queryset.query.order_by)
    key = keys[keys.count() // 2 :].first()
    return model._default_manager.filter(pk=key).first()
