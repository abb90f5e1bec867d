"""New passwords: the old one is no easier to guess than at the login, and the audit log is told of them."""

from collections.abc import Callable
from typing import Any, cast

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth import user_login_failed
from django.contrib.auth.models import User as Account
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from faceitbot.accounts.lockout import locked_page, unlock
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


def behind_old_password(request: HttpRequest, view: View) -> HttpResponse:
    """Run the view that asks for one's own old password; wrong ones count, and lock, as at the login.

    Somebody who has found a colleague's browser open would guess it here otherwise.
    """
    if request.method != "POST":
        return view()
    name = cast("Account", request.user).get_username()
    credentials = {"username": name}
    if not AxesProxyHandler.is_allowed(request, credentials):
        cast("Any", request).axes_credentials = credentials
        return locked_page(request)
    answer = view()
    form = (getattr(answer, "context_data", None) or {}).get("form")
    if form is not None and "old_password" in form.errors:
        user_login_failed.send(__name__, credentials=credentials, request=request)
    else:
        unlock(name)
    return answer
