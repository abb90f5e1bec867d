"""Staff of each role."""

from django.contrib.auth.models import Group
from django.contrib.auth.models import User as StaffAccount

from tests.factories import StaffFactory


def member(role: str) -> StaffAccount:
    """Give an account of a role."""
    account: StaffAccount = StaffFactory.create(is_superuser=False)
    account.groups.add(Group.objects.get(name=role))
    return account
