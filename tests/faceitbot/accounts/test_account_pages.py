"""Admins look after the accounts of staff; nobody makes himself more than he is."""

import pytest
from django.contrib.auth.models import Group
from django.contrib.auth.models import User as Account
from django.urls import reverse

from faceitbot.accounts import second_factor
from faceitbot.accounts.lockout import locked_until
from faceitbot.accounts.roles import Role, permissions_of
from faceitbot.core.models import AuditEntry
from tests.admin.forms import filled
from tests.admin.roles import member
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:auth_user_changelist")


@pytest.fixture
def boss(client):
    """Give a browser of an admin who is no superuser."""
    client.force_login(member("admin"))
    return client


def page_of(account, view="change"):
    return reverse(f"admin:auth_user_{view}", args=[account.pk])


def test_the_list_says_who_may_what_and_how_he_signs_in(boss, support):
    account = StaffFactory.create(username="anna", first_name="Anna", last_name="Ivanova", is_superuser=False)
    account.groups.set(Group.objects.filter(name__in=["finance", "support"]))
    second_factor.begin(account)

    text = boss.get(LIST, {"q": "anna"}).text

    assert "Anna Ivanova" in text
    assert "Finance, Support" in text
    assert "may sign in" in text


def test_a_page_says_what_keeps_somebody_out_and_an_admin_lets_him_in(boss, sign_in, support):
    for _try in range(6):
        sign_in(support, "wrong")
    facts = dict(boss.get(page_of(support)).context["signing_in"])
    assert facts["Passwords are refused until"] != "—"

    form = boss.get(page_of(support, "unlock"))
    answer = boss.post(page_of(support, "unlock"), filled(form, reason="it was him"))

    assert answer.url == page_of(support)
    assert locked_until(support.username) is None
    assert "_auth_user_id" in sign_in(support).session
    entry = AuditEntry.objects.get(action="account.unlocked")
    assert (entry.object_id, entry.reason) == (str(support.pk), "it was him")


def test_an_admin_makes_an_account_and_gives_it_a_role(boss):
    form = {"username": "new", "password1": "long-Enough-17", "password2": "long-Enough-17"}
    boss.post(reverse("admin:auth_user_add"), form)
    account = Account.objects.get(username="new")
    role = Group.objects.get(name="support")
    form = {"username": "new", "is_active": "on", "is_staff": "on", "groups": str(role.pk)}

    answer = boss.post(page_of(account), form)

    assert (answer.status_code, answer.url) == (302, LIST)
    account = Account.objects.get(username="new")
    assert account.get_all_permissions() == permissions_of(Role.SUPPORT)


def test_an_admin_makes_no_superuser_of_anybody(boss, support):
    form = {"username": support.username, "is_active": "on", "is_staff": "on", "is_superuser": "on"}

    boss.post(page_of(support), form | {"user_permissions": ["1", "2"]})

    support.refresh_from_db()
    assert support.is_superuser is False
    assert not support.user_permissions.exists()


@pytest.mark.parametrize(
    "view", ["change", "delete", "password_change", "unlock", "sign_out_everywhere", "reset_second_factor"]
)
def test_an_admin_touches_no_superuser(boss, view):
    owner = StaffFactory.create(username="owner")
    second_factor.begin(owner)
    url = reverse("admin:auth_user_password_change", args=[owner.pk])
    url = url if view == "password_change" else page_of(owner, view)
    form = {"username": "mine", "password1": "long-Enough-17", "password2": "long-Enough-17", "post": "yes"}

    answer = boss.post(url, form | {"reason": "mine now"})

    assert answer.status_code == 403
    owner.refresh_from_db()
    assert owner.username == "owner"
    assert not owner.check_password("long-Enough-17")


@pytest.mark.parametrize("role", list(Role))
def test_nobody_changes_what_a_role_may_do(page, role):
    group = Group.objects.get(name=role)

    for view in ("change", "delete"):
        url = reverse(f"admin:auth_group_{view}", args=[group.pk])
        assert page.post(url, {"name": "mine", "post": "yes"}).status_code == 403

    chosen = {"action": "delete_selected", "_selected_action": [group.pk], "post": "yes"}
    page.post(reverse("admin:auth_group_changelist"), chosen)
    assert Group.objects.filter(name=role).exists()


def test_groups_offer_the_permissions_of_our_pages_alone(page):
    form = page.get(reverse("admin:auth_group_add")).context["adminform"].form

    offered = form.fields["permissions"].queryset
    names = {f"{each.content_type.app_label}.{each.codename}" for each in offered}
    assert names == permissions_of(Role.ADMIN) | permissions_of(Role.FINANCE)


def test_an_own_group_is_named_as_it_is_and_a_role_in_words(page):
    Group.objects.create(name="night shift")

    text = page.get(reverse("admin:auth_group_changelist")).text

    assert "night shift" in text
    assert "Admins" in text


def test_a_password_that_an_admin_sets_is_on_record_and_not_in_it(boss, support):
    form = {"password1": "long-Enough-17", "password2": "long-Enough-17"}

    boss.post(reverse("admin:auth_user_password_change", args=[support.pk]), form)

    support.refresh_from_db()
    assert support.check_password("long-Enough-17")
    entry = AuditEntry.objects.get(action="account.password_changed")
    assert (entry.object_id, entry.before, entry.after) == (str(support.pk), {}, {})
