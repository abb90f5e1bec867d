"""What support, finance and admins may do: made by each migration, and nothing else touched."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from faceitbot.accounts.roles import Role, ensure_roles, may_more_than_support, name_of_role
from tests.admin.roles import member
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db


def may(role):
    return member(role).get_all_permissions()


def test_each_role_is_a_group():
    assert set(Group.objects.values_list("name", flat=True)) == {"support", "finance", "admin"}


def test_support_looks_after_users_and_touches_neither_money_nor_plans():
    allowed = may("support")

    assert {name for name in allowed if ".view_" not in name} == {
        "subscriptions.close_paymentcase",
        "subscriptions.grant_access",
        "subscriptions.open_paymentcase",
        "subscriptions.reconcile_startransaction",
        "subscriptions.reset_requests",
        "subscriptions.void_referral",
        "users.add_usernote",
        "users.block_user",
    }
    assert {"users.view_user", "subscriptions.view_payment", "core.view_auditentry"} <= allowed
    assert not {name for name in allowed if name.startswith("auth.")}


def test_finance_sees_what_support_sees_and_decides_about_money():
    allowed = may("finance")

    assert {name for name in allowed if ".view_" in name} == {
        name for name in may("support") if ".view_" in name
    }
    assert {name for name in allowed if ".view_" not in name} == {
        "subscriptions.close_paymentcase",
        "subscriptions.export_payment",
        "subscriptions.open_paymentcase",
        "subscriptions.reconcile_startransaction",
        "subscriptions.refund_payment",
        "subscriptions.report_payment",
        "subscriptions.resolve_payment",
        "subscriptions.revoke_grant",
        "subscriptions.switch_selling",
        "users.add_usernote",
    }


def test_admins_may_all_that_the_others_may_but_refunds_and_change_plans_and_accounts():
    allowed = may("admin")

    assert (may("support") | may("finance")) - allowed == {
        "subscriptions.refund_payment",
        "subscriptions.resolve_payment",
    }
    assert {"subscriptions.change_planprice", "subscriptions.grant_freely", "auth.change_user"} <= allowed


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("table", ["payment", "order", "grant", "startransaction", "paymentcase"])
def test_no_role_may_write_a_fact_of_money_by_hand(role, table):
    by_hand = {f"subscriptions.{verb}_{table}" for verb in ("add", "change", "delete")}

    assert not may(role) & by_hand


def test_a_migration_gives_a_role_its_own_permissions_back_and_leaves_the_rest_alone():
    support, ours = Group.objects.get(name="support"), Group.objects.create(name="night shift")
    odd = Permission.objects.get(codename="change_user", content_type__app_label="users")
    before = set(support.permissions.all())
    somebody = member("support")
    for group in (support, ours):
        group.permissions.set([odd])

    call_command("migrate", stdout=StringIO())

    assert set(support.permissions.all()) == before
    assert list(ours.permissions.all()) == [odd]
    assert list(somebody.groups.all()) == [support]


def test_to_compute_them_again_writes_nothing():
    with CaptureQueriesContext(connection) as captured:
        ensure_roles("default")

    assert {query["sql"].split()[0] for query in captured} == {"SELECT"}


def test_support_can_do_no_harm_that_needs_a_second_factor():
    assert not may_more_than_support(may("support"))
    assert may_more_than_support(may("finance"))
    assert may_more_than_support(StaffFactory.create().get_all_permissions())


def test_staff_read_the_names_of_roles_in_their_language():
    assert [name_of_role(name) for name in ("support", "finance", "admin", "night shift")] == [
        "Support",
        "Finance",
        "Admins",
        "night shift",
    ]
