"""Tells the audit log of new passwords, which it does not hold."""

from collections.abc import Callable
from typing import cast

from django.contrib.auth.models import User as Account
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from faceitbot.core import audit

View = Callable[[], HttpResponse]
PASSWORD_CHANGED = audit.action("account.password_changed", _("Password changed"))


def audited_password(request: HttpRequest, key: int | str | None, view: View) -> HttpResponse:
    """Run a view that may give an account a new password, and record it if it did."""
    with transaction.atomic():
        before = Account.objects.filter(pk=int(key)).first() if key and str(key).isdecimal() else None
        answer = view()
        after = Account.objects.filter(pk=before.pk).first() if before else None
        if before and after and before.password != after.password:
            actor = cast("Account", request.user)
            audit.record(PASSWORD_CHANGED, [audit.Change(after, {}, {})], actor=actor)
    return answer
