"""Each action of each page, walked: what writes leaves one entry for each object that it changes."""

from collections import Counter
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import RequestFactory
from django.urls import reverse

from faceitbot.core import audit
from faceitbot.core.models import AuditEntry
from subscriptions.models import PlanPrice, ReferralProgramme, TierLimits
from tests.admin.forms import as_opened, filled
from tests.admin.scenarios import SCENARIOS
from tests.factories import StaffFactory
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db


def walked():
    """Give every action that a page offers, by its model and its name."""
    for model, its_page in admin.site._registry.items():
        page: Any = its_page
        own = [getattr(action, "__name__", action) for action in page.actions or ()]
        offered = (page.actions_detail, page.actions_list, page.actions_row, page.actions_submit_line)
        for name in [*own, *(name for names in offered for name in names)]:
            yield model._meta.label, name


def left_since(last):
    return AuditEntry.objects.filter(pk__gt=last)


def counted(entries):
    return dict(Counter((entry.action, entry.object_label) for entry in entries))


def test_there_is_a_scenario_for_each_action_and_for_nothing_else():
    assert set(SCENARIOS) == set(walked())


@pytest.mark.parametrize(("label", "name"), SCENARIOS, ids=lambda part: part)
def test_an_action_leaves_one_entry_for_each_object(page, staff, label, name):
    deed = SCENARIOS[label, name](staff)
    last = getattr(AuditEntry.objects.order_by("pk").last(), "pk", 0)
    opened = page.get(deed.url) if deed.opened is None else page.post(deed.url, deed.opened)
    assert opened.status_code == 200
    assert left_since(last).count() == 0, "to ask is not to act"
    form = filled(opened, **deed.sent)

    for _click in range(2):
        answer = page.post(deed.url, form)
        assert answer.status_code == 302, answer.context["form"].errors

    entries = list(left_since(last))
    assert counted(entries) == deed.entries
    objects = Counter((entry.action, entry.object_label, entry.object_id) for entry in entries)
    assert set(objects.values()) == {1}
    assert {entry.actor for entry in entries} == {staff}
    assert {entry.action for entry in entries} <= set(audit.actions()), "staff read labels, not names"
    assert "outage" in {entry.reason for entry in entries} or name == "note"


# ---- What is written by hand


def _user(_page):
    return UserRepository().create_user.blocking(7)


def _account(_page):
    return StaffFactory.create(username="colleague", password="x")


def _group(_page):
    return Group.objects.create(name="night shift")


ADDED = {
    "users.User": {"telegram_id": "7", "language": "en"},
    "auth.User": {"username": "colleague", "password1": "long-Enough-17", "password2": "long-Enough-17"},
    "auth.Group": {"name": "night shift"},
}
CHANGED = {
    "users.User": (_user, {"language": "en", "waiting_for_nickname": "on"}),
    "auth.User": (_account, {"first_name": "Anna"}),
    "auth.Group": (_group, {"name": "day shift"}),
    "subscriptions.TierLimits": (lambda _page: TierLimits.objects.get(pk="pro"), {"matches_history": "7"}),
    "subscriptions.PlanPrice": (lambda _page: PlanPrice.objects.first(), {"stars": "7"}),
    "subscriptions.ReferralProgramme": (lambda _page: ReferralProgramme.objects.get(), {"most_bonuses": "7"}),
}
DELETED = {"users.User": _user, "auth.User": _account, "auth.Group": _group}


def address(label, view, *args):
    return reverse(f"admin:{label.lower().replace('.', '_')}_{view}", args=args)


def pages_that_may(what, staff):
    request = RequestFactory().get("/")
    request.user = staff
    pages = admin.site._registry.items()
    return {model._meta.label for model, page in pages if getattr(page, f"has_{what}_permission")(request)}


def test_each_page_that_writes_by_hand_is_walked(staff):
    assert {what: pages_that_may(what, staff) for what in ("add", "change", "delete")} == {
        "add": set(ADDED),
        "change": set(CHANGED),
        "delete": set(DELETED),
    }


@pytest.mark.parametrize("label", ADDED)
def test_what_is_added_leaves_one_entry(page, staff, label):
    answer = page.post(address(label, "add"), ADDED[label])

    assert answer.status_code == 302, answer.context["errors"]
    entry = AuditEntry.objects.get(object_label=label.lower())
    assert (entry.action, entry.actor) == ("row.added", staff)
    assert "long-Enough-17" not in str(entry.after)


@pytest.mark.parametrize("label", CHANGED)
def test_what_is_changed_leaves_one_entry(page, staff, label):
    make, sent = CHANGED[label]
    url = address(label, "change", make(page).pk)
    last = getattr(AuditEntry.objects.order_by("pk").last(), "pk", 0)

    for _click in range(2):
        answer = page.post(url, {**as_opened(page, url), **sent})
        assert answer.status_code == 302, answer.context["errors"]

    entry = left_since(last).get()
    assert entry.actor == staff
    assert entry.action in {"row.changed", "plan.changed"}
    assert set(entry.after) == set(sent)


@pytest.mark.parametrize("label", DELETED)
@pytest.mark.parametrize("way", ["page", "list"])
def test_what_is_deleted_leaves_one_entry(page, staff, label, way):
    row = DELETED[label](page)

    if way == "page":
        page.post(address(label, "delete", row.pk), {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
        page.post(address(label, "changelist"), chosen)

    entry = AuditEntry.objects.get(object_label=label.lower(), object_id=str(row.pk))
    assert (entry.action, entry.actor) == ("row.deleted", staff)


def test_a_new_password_leaves_an_entry_that_does_not_hold_it(page, staff):
    colleague = _account(page)
    url = reverse("admin:auth_user_password_change", args=[colleague.pk])

    page.post(
        url, {"password1": "other-Enough-18", "password2": "other-Enough-18", "usable_password": "true"}
    )

    colleague.refresh_from_db()
    assert colleague.check_password("other-Enough-18")
    entry = AuditEntry.objects.get(object_label="auth.user", object_id=str(colleague.pk))
    assert (entry.action, entry.actor, entry.before, entry.after) == (
        "account.password_changed",
        staff,
        {},
        {},
    )


def test_the_log_says_of_personal_data_only_that_it_has_changed(page):
    user = UserRepository().create_user.blocking(7, "player-1", "s1mple")
    url = address("users.User", "change", user.pk)

    page.post(url, {**as_opened(page, url), "faceit_nickname": "s2mple"})

    entry = AuditEntry.objects.get()
    assert (entry.before, entry.after) == (
        {"faceit_nickname": "(not kept)"},
        {"faceit_nickname": "(changed)"},
    )


def test_an_entry_says_what_an_account_may_now(page):
    colleague = _account(page)
    group = _group(page)
    url = address("auth.User", "change", colleague.pk)

    page.post(url, {**as_opened(page, url), "groups": [str(group.pk)]})

    entry = AuditEntry.objects.get()
    assert (entry.before, entry.after) == ({"groups": []}, {"groups": ["night shift"]})
