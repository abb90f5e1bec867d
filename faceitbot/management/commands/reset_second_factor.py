"""`manage.py reset_second_factor NAME --reason ...`: lets somebody in who has lost his phone."""

from typing import Any

from django.contrib.auth.models import User as Account
from django.core.management.base import BaseCommand, CommandError, CommandParser

from faceitbot.accounts import second_factor
from faceitbot.core import exit_codes


class Command(BaseCommand):
    """For the admin whom no other admin can help; colleagues are helped on the page of their account."""

    help = (
        "Forget the phone and the recovery codes of a staff account, and end its sessions; at the next login "
        "its owner sets up a new phone. Exit codes: 0 done, or there was nothing; 2 no such account."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the user name of the account")
        parser.add_argument("--reason", required=True, help="kept in the audit log")

    def handle(self, *, name: str, reason: str, **_options: Any) -> None:
        account = Account.objects.filter(username=name).first()
        if account is None:
            raise CommandError(f"There is no staff account {name}.", returncode=exit_codes.REFUSED)
        if second_factor.remove(account, actor=None, reason=reason):
            self.stdout.write(f"{name} sets up a new phone at the next login.")
        else:
            self.stdout.write(f"{name} had no second factor.")
