"""What admins do about the accounts of colleagues: with a reason, into the audit log."""

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.models import User as Account
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from faceitbot.accounts import lockout
from faceitbot.accounts.sessions import end_sessions
from faceitbot.core import audit

UNLOCKED = audit.action("account.unlocked", _("Account unlocked"))
SIGNED_OUT = audit.action("account.signed_out", _("Signed out everywhere"))


def unlock(account: Account, *, actor: AbstractBaseUser, reason: str) -> bool:
    """Have the wrong passwords of an account forgotten; say whether there were any."""
    with transaction.atomic():
        done = lockout.unlock(account.get_username())
        if done:
            audit.record(UNLOCKED, [audit.Change(account, {}, {})], actor=actor, reason=reason)
    return done


def sign_out(account: Account, *, actor: AbstractBaseUser, reason: str) -> bool:
    """End all sessions of an account; say whether there were any."""
    with transaction.atomic():
        ended = end_sessions(account.pk)
        if ended:
            change = audit.Change(account, {"sessions": ended}, {"sessions": 0})
            audit.record(SIGNED_OUT, [change], actor=actor, reason=reason)
    return bool(ended)
