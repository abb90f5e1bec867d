"""The roles of staff: three groups whose names are fixed, and what each may do.

Each migration computes the permissions of these groups anew; other groups, and who is in which, are the
staff's own affair.
"""

from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps
from django.contrib.auth.models import Group, Permission
from django.contrib.auth.models import User as Account
from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DOMAINS = ("core", "users", "subscriptions", "matches", "stats", "analytics", "faceitbot")


class Role(StrEnum):
    """The name of a role's group."""

    SUPPORT = "support"
    FINANCE = "finance"
    ADMIN = "admin"


_NAMES: dict[str, Promise] = {
    Role.SUPPORT: _("Support"),
    Role.FINANCE: _("Finance"),
    Role.ADMIN: _("Admins"),
}
_CASES = {
    "subscriptions.open_paymentcase",
    "subscriptions.close_paymentcase",
    "subscriptions.reconcile_startransaction",
    "users.add_usernote",
}
# Whether money goes back, and whose it is that could not be matched. An admin who is to decide that has both
# roles; superusers may everything.
_FINANCE_ALONE = {"subscriptions.refund_payment", "subscriptions.resolve_payment"}
# Everybody of the staff sees everything but the accounts of staff.
DEEDS = {
    Role.SUPPORT: _CASES
    | {
        "users.block_user",
        "subscriptions.grant_access",
        "subscriptions.reset_requests",
        "subscriptions.void_referral",
    },
    Role.FINANCE: _CASES
    | _FINANCE_ALONE
    | {
        "subscriptions.export_payment",
        "subscriptions.report_payment",
        "subscriptions.switch_selling",
        "subscriptions.revoke_grant",
    },
}


def name_of_role(group: str) -> str:
    """Give what staff call a group: a role in the reader's language, another by its own name."""
    return str(_NAMES.get(group, group))


@cache
def permissions_of(role: Role) -> frozenset[str]:
    """Give what a role may do, as `app.codename`."""
    domains = [model for label in DOMAINS for model in installed.get_app_config(label).get_models()]
    if role is Role.ADMIN:
        return _declared([*domains, Account, Group]) - _FINANCE_ALONE
    return frozenset(name for name in _declared(domains) if ".view_" in name) | DEEDS[role]


def permissions_that_count() -> "QuerySet[Permission]":
    """Give the permissions that open a page of ours; those of other packages' tables open none."""
    ours = Q(content_type__app_label__in=DOMAINS)
    staff = Q(content_type__app_label="auth", content_type__model__in=("user", "group"))
    return Permission.objects.filter(ours | staff)


def may_more_than_support(permissions: Iterable[str]) -> bool:
    """Say whether somebody can do harm that support cannot: move money, change plans, accounts or rows."""
    return not set(permissions) <= permissions_of(Role.SUPPORT)


def ensure_roles(using: str, apps: Apps = installed, **_signal: Any) -> None:
    """Make the groups of the roles and give them their permissions, those and no others."""
    try:
        apps.get_model("auth", "Permission")
    except LookupError:
        return  # a migration back to before there were accounts
    stored = {
        f"{app}.{codename}": key
        for key, app, codename in Permission.objects.using(using).values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    for role in Role:
        group, _made = Group.objects.using(using).get_or_create(name=role.value)
        wanted = {stored[name] for name in permissions_of(role) if name in stored}
        if wanted != set(group.permissions.values_list("pk", flat=True)):
            group.permissions.set(wanted)


def _declared(models: Iterable[type[Model]]) -> frozenset[str]:
    found: set[str] = set()
    for meta in (model._meta for model in models):
        codenames = [f"{verb}_{meta.model_name}" for verb in meta.default_permissions]
        codenames += [str(codename) for codename, _name in meta.permissions]
        found |= {f"{meta.app_label}.{codename}" for codename in codenames}
    return frozenset(found)
