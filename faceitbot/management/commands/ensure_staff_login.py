"""`manage.py ensure_staff_login NAME`: an account for the admin, with the password that stdin gives."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from faceitbot.accounts.roles import Role


def ensure_staff_login(name: str, password: str, role: str | None = None) -> str:
    """Make the account unless it is there already; give a sentence that says which. No role: superuser.

    An account that exists keeps its password and its role: somebody may have changed them in the admin.
    """
    account = User.objects.filter(username=name).first()
    if account is None:
        with transaction.atomic():
            account = User.objects.create_user(
                name, password=password, is_staff=True, is_superuser=role is None
            )
            account.groups.set(Group.objects.filter(name=role))
        return f"Staff login {name} was made."
    if account.check_password(password):
        return f"Staff login {name} is there."
    return f"Staff login {name} is there with another password."


class Command(BaseCommand):
    help = "Make an account for the admin unless it exists; reads its password from the standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the user name of the account")
        roles = [role.value for role in Role]
        parser.add_argument("--role", choices=roles, help="what it may do; everything when not given")

    def handle(self, *_args: Any, name: str, role: str | None, **_options: Any) -> None:
        password = sys.stdin.readline().rstrip("\n")
        if not password:
            raise CommandError("The standard input gave no password.")
        self.stdout.write(ensure_staff_login(name, password, role))
