"""`manage.py ensure_staff_login NAME`: an account for the admin, with the password that stdin gives."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError


def ensure_staff_login(name: str, password: str) -> str:
    """Make the superuser unless the account is there already; give a sentence that says which.

    An account that exists keeps its password: somebody may have changed it in the admin.
    """
    account = User.objects.filter(username=name).first()
    if account is None:
        User.objects.create_superuser(name, password=password)
        return f"Staff login {name} was made."
    if account.check_password(password):
        return f"Staff login {name} is there."
    return f"Staff login {name} is there with another password."


class Command(BaseCommand):
    help = "Make a superuser for the admin unless it exists; reads its password from the standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the user name of the account")

    def handle(self, *_args: Any, name: str, **_options: Any) -> None:
        password = sys.stdin.readline().rstrip("\n")
        if not password:
            raise CommandError("The standard input gave no password.")
        self.stdout.write(ensure_staff_login(name, password))
