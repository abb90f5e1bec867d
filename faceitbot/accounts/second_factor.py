"""The second factor of staff: one-time codes of an app on the phone, and recovery codes on paper.

django-otp keeps the devices, counts each code once, and makes a guesser wait twice as long after each wrong
one. Of each account there is one app and one sheet of recovery codes.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.models import User as Account
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_otp import verify_token
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from faceitbot.accounts.roles import may_more_than_support
from faceitbot.accounts.sessions import end_sessions
from faceitbot.core import audit

ENROLLED = audit.action("account.second_factor_enrolled", _("Second factor set up"))
RENEWED = audit.action("account.recovery_codes_renewed", _("Recovery codes made anew"))
REMOVED = audit.action("account.second_factor_reset", _("Second factor reset"))
ENROL_PAGE, VERIFY_PAGE = "admin:second_factor_enrol", "admin:second_factor_verify"
RECOVERY_CODES = 10


def missing_step(account: Any) -> str | None:
    """Give the page that stands between a signed-in account and all others; None when there is none.

    Whoever may do more than support must have a second factor; whoever has one is asked for it.
    """
    if not settings.STAFF_TOTP or account.is_verified():
        return None
    if app_of(account):
        return VERIFY_PAGE
    return ENROL_PAGE if may_more_than_support(account.get_all_permissions()) else None


def app_of(account: AbstractBaseUser) -> TOTPDevice | None:
    """Give the app in which somebody reads his codes; None before it is set up."""
    return TOTPDevice.objects.filter(user=account, confirmed=True).first()


def sheet_of(account: AbstractBaseUser) -> StaticDevice | None:
    """Give somebody's sheet of recovery codes."""
    return StaticDevice.objects.filter(user=account, confirmed=True).first()


def recovery_codes_left(account: AbstractBaseUser) -> int:
    """Give how many recovery codes have not been used."""
    return int(StaticToken.objects.filter(device__user=account).count())


def begin(account: AbstractBaseUser) -> TOTPDevice:
    """Give the app that is being set up, which counts once a code of it was given back."""
    begun = TOTPDevice.objects.filter(user=account, confirmed=False).first()
    return begun or TOTPDevice.objects.create(user=account, name="app", confirmed=False)


def enrol(account: Account, code: str) -> tuple[TOTPDevice, list[str]] | None:
    """Set up the app that has shown this code, and give it with new recovery codes; None for a wrong code."""
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        # Who knows the password alone does not put his phone in the place of one that is set up.
        app = None if app_of(account) else verify_token(account, begin(account).persistent_id, code)
        if app is None:
            return None
        TOTPDevice.objects.filter(user=account).exclude(pk=app.pk).delete()
        app.confirmed = True
        app.save(update_fields=["confirmed"])
        codes = _new_codes(account)
        audit.record(ENROLLED, [audit.Change(account, {}, {})], actor=account)
    return app, codes


def verify(account: AbstractBaseUser, code: str) -> Device | None:
    """Give the device that takes a code: digits are the app's, letters the sheet's; None for a wrong one."""
    given = "".join(code.split()).replace("-", "").lower()
    device = app_of(account) if given.isdecimal() else sheet_of(account)
    return verify_token(account, device.persistent_id, given) if device else None


def waits_until(*devices: Any) -> datetime | None:
    """Give until when one of these devices takes no code, because of wrong ones; None when all do."""
    found: list[datetime] = []
    for device in devices:
        _allowed, why_not = device.verify_is_allowed() if device else (True, None)
        found += [why_not["locked_until"]] if why_not else []
    return max(found, default=None)


def renew_codes(account: Account, *, but: str | None = None) -> list[str]:
    """Make recovery codes in place of those that are left, and end an account's sessions, but for one."""
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        codes = _new_codes(account)
        end_sessions(account.pk, but)
        audit.record(RENEWED, [audit.Change(account, {}, {})], actor=account)
    return codes


def renewed_since_last_code(account: Account) -> datetime | None:
    """Give when the recovery codes were made anew, if no code was given since; None if one was."""
    devices = [device for device in (app_of(account), sheet_of(account)) if device]
    last = max((device.last_used_at for device in devices if device.last_used_at), default=None)
    done = audit.done_since([account], last, limit=50) if last else []
    return next((entry.at for entry in done if entry.action == RENEWED), None)


def remove(account: Account, *, actor: AbstractBaseUser | None, reason: str, but: str | None = None) -> bool:
    """Forget an account's devices and end its sessions, but for one; say whether there was a device."""
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        gone = sum(model.objects.filter(user=account).delete()[0] for model in (TOTPDevice, StaticDevice))
        if not gone:
            return False
        end_sessions(account.pk, but)
        audit.record(REMOVED, [audit.Change(account, {}, {})], actor=actor, reason=reason)
    return True


def _new_codes(account: AbstractBaseUser) -> list[str]:
    StaticDevice.objects.filter(user=account).delete()
    sheet = StaticDevice.objects.create(user=account, name="recovery codes")
    codes: Sequence[str] = [StaticToken.random_token() for _number in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=sheet, token=code) for code in codes)
    return [f"{code[:4]}-{code[4:]}" for code in codes]
