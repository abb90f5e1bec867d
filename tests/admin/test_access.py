"""Every address, asked by everybody with GET and POST, answers as docs/staff-access.md declares."""

import pytest
from django.contrib import admin
from django.urls import URLResolver, path
from django.urls.resolvers import RegexPattern

from tests.admin import access_table
from tests.admin.access import PEOPLE, Asker, addresses, all_names

pytestmark = pytest.mark.django_db
# Open to whoever comes: the way in, and what leads there.
PUBLIC = {"/", "/favicon.ico", "/language/", "/admin/login/", "/admin/logout/"}
MONEY = ("payment", "order", "grant", "startransaction", "paymentcase")


@pytest.fixture(autouse=True)
def _as_in_production(settings):
    settings.STAFF_TOTP = True


@pytest.mark.proof("access")
@pytest.mark.parametrize("person", PEOPLE)
def test_everybody_is_answered_as_the_table_says(person, full_size):
    if full_size and person == PEOPLE[0]:
        columns = {each: Asker(each).column() for each in PEOPLE}
        table = {name: {each: columns[each][name] for each in PEOPLE} for name in all_names()}
        access_table.FILE.write_text(access_table.written(table), encoding="utf-8")

    answered = Asker(person).column()

    declared = access_table.read()
    assert {name: cell for name, cell in answered.items() if declared.get(name, {}).get(person) != cell} == {}


def test_every_address_and_no_other_is_in_the_table():
    assert list(access_table.read()) == all_names()


def test_a_new_address_is_seen():
    """Control: one page more, and the table is not whole."""
    patterns = [path("admin/", admin.site.urls), path("admin/new/<path:object_id>/", admin.site.index)]

    assert "/admin/new/<path:object_id>/" not in access_table.read()
    assert "/admin/new/<path:object_id>/" in addresses(URLResolver(RegexPattern(""), patterns))


# ---- What must hold of the table, whatever is declared


def cells(*people, of=lambda _name: True):
    table = access_table.read()
    return {name: tuple(row[person] for person in people) for name, row in table.items() if of(name)}


def test_a_visitor_gives_a_password_and_who_must_a_code():
    visited = cells("anonymous", "password alone", of=lambda name: name not in PUBLIC)
    own = {
        "/admin/second-factor/": ("login", "open"),
        "/admin/second-factor/set-up/": ("login", "open"),
        "/metrics": ("GET 404, POST 405",) * 2,  # for a program with its token; nobody else is told of it
    }

    assert {name: cell for name, cell in visited.items() if cell != ("login", "code")} == own


def test_nobody_adds_changes_or_deletes_a_row_of_money_by_hand():
    by_hand = cells(
        "support",
        "finance",
        "admin",
        of=lambda name: (
            any(name.startswith(f"/admin/subscriptions/{table}/") for table in MONEY)
            and name.endswith(("/add/", "/change/", "/delete/"))
        ),
    )

    assert len(by_hand) == 3 * len(MONEY)
    for name, answers in by_hand.items():
        assert answers == (("look",) * 3 if name.endswith("/change/") else ("no",) * 3)


def test_finance_alone_gives_money_back_and_says_whose_it_is():
    decisions = ("/give_back/", "/keep/", "/resolve/")

    found = cells("support", "finance", "admin", of=lambda name: name.endswith(decisions))

    assert len(found) == 3
    assert set(found.values()) == {("no", "open", "no")}


def test_finance_and_admins_alone_decide_about_selling_and_see_the_books():
    decisions = (
        "/stop_selling/",
        "/month/file/",
        "payment/export/csv/",
    )

    found = cells("support", "finance", "admin", of=lambda name: name.endswith(decisions))

    assert len(found) == 4
    assert {support for support, _finance, _admin in found.values()} == {"no"}
    assert {cell for _support, *others in found.values() for cell in others} == {"open", "do"}


def test_support_proposes_a_refund():
    (answers,) = cells("support", "finance", of=lambda name: name.endswith("/propose_refund/")).values()

    assert answers[0] == "open"


def test_admins_alone_look_after_accounts_and_plans():
    found = cells(
        "support",
        "finance",
        "admin",
        of=lambda name: (
            (name.startswith("/admin/auth/") and not name.endswith("<path:object_id>/"))
            or name.endswith("planprice/<path:object_id>/take_off_sale/")
        ),
    )

    assert len(found) == 15
    assert {answers[:2] for answers in found.values()} == {("no", "no")}
    assert "no" not in {answers[2] for answers in found.values()}


def test_the_audit_log_is_read_and_nothing_else():
    found = cells("support", "finance", "admin", of=lambda name: name.startswith("/admin/core/auditentry/"))

    for name, answers in found.items():
        written = name.endswith(("/add/", "/delete/"))
        assert ("no" in answers) is written
