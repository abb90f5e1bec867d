"""The pages of the second factor: set it up, give a code after the password, look after one's own."""

from io import BytesIO
from math import ceil
from typing import Any, cast

import django_otp
import segno
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User as Account
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django_otp.models import Device
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.widgets import UnfoldAdminTextInputWidget

from faceitbot.accounts import second_factor
from faceitbot.accounts.gate import next_page
from faceitbot.accounts.second_factor import ENROL_PAGE, VERIFY_PAGE
from faceitbot.core import clock
from faceitbot.core.display import moment

OWN_PAGE = "admin:second_factor_own"
MAX_CODE_LENGTH = 20


class CodeForm(forms.Form):
    """One code."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=MAX_CODE_LENGTH,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
    )


def enrol_view(request: HttpRequest) -> HttpResponse:
    """Show the QR code until a code of the app comes back, then the recovery codes, once."""
    account = _account(request)
    if second_factor.app_of(account):
        return HttpResponseRedirect(reverse(OWN_PAGE if _is_verified(request) else VERIFY_PAGE))
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        enrolled = second_factor.enrol(account, form.cleaned_data["code"])
        if enrolled:
            app, codes = enrolled
            _sign_in(request, app)
            return _codes_page(request, codes)
        form.add_error("code", _wrong_code(second_factor.begin(account)))
    app = second_factor.begin(account)
    return _page(request, "enrol", form=form, qr=_qr(app), key=_key(app))


def verify_view(request: HttpRequest) -> HttpResponse:
    """Ask for a code of the app, or for a recovery code."""
    account = _account(request)
    if not second_factor.app_of(account) or _is_verified(request):
        return HttpResponseRedirect(next_page(request))
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        renewed_at = second_factor.renewed_since_last_code(account)
        device = _device_of(request, form)
        if device:
            _sign_in(request, device)
            if not isinstance(device, TOTPDevice):
                left = second_factor.recovery_codes_left(account)
                messages.warning(
                    request, _("You have used a recovery code; %(left)d are left.") % {"left": left}
                )
            if renewed_at:
                words = _("Your recovery codes were made anew: %(when)s. If it was not you, tell an admin.")
                messages.warning(request, words % {"when": moment(renewed_at)})
            return HttpResponseRedirect(next_page(request))
    return _page(request, "verify", form=form)


def own_view(request: HttpRequest) -> HttpResponse:
    """Show somebody his own second factor, and what he may do about it."""
    return _own_page(request, CodeForm())


@require_POST
def renew_codes_view(request: HttpRequest) -> HttpResponse:
    """Give new recovery codes in place of the old ones, for a code; his other sessions end."""
    account, form = _account(request), CodeForm(request.POST)
    if not second_factor.app_of(account):
        return HttpResponseRedirect(reverse(OWN_PAGE))
    if not form.is_valid() or not _device_of(request, form):
        return _own_page(request, form)
    codes = second_factor.renew_codes(account, but=request.session.session_key)
    messages.warning(
        request, _("The recovery codes of before are worth nothing now, and other browsers are signed out.")
    )
    return _codes_page(request, codes)


@require_POST
def start_anew_view(request: HttpRequest) -> HttpResponse:
    """Forget somebody's own app, for a code, so that he sets up another one; his other sessions end."""
    account, form = _account(request), CodeForm(request.POST)
    if not second_factor.app_of(account):
        return HttpResponseRedirect(reverse(OWN_PAGE))
    if not form.is_valid() or not _device_of(request, form):
        return _own_page(request, form)
    session = request.session.session_key
    second_factor.remove(account, actor=account, reason=_("A new phone"), but=session)
    messages.warning(
        request, _("The phone and the recovery codes of before are forgotten, and other browsers signed out.")
    )
    return HttpResponseRedirect(reverse(ENROL_PAGE))


# ---- Their parts


def _device_of(request: HttpRequest, form: CodeForm) -> Device | None:
    """Give the device that takes the code of a form; for a wrong code the form says so, and for how long."""
    account = _account(request)
    device = second_factor.verify(account, form.cleaned_data["code"])
    if device is None:
        devices = (second_factor.app_of(account), second_factor.sheet_of(account))
        form.add_error("code", _wrong_code(*devices))
    return device


def _own_page(request: HttpRequest, form: CodeForm) -> HttpResponse:
    account = _account(request)
    context = {
        **admin.site.each_context(request),
        "title": _("Second factor"),
        "app": second_factor.app_of(account),
        "left": second_factor.recovery_codes_left(account),
        "asked_for": settings.STAFF_TOTP,
        "form": form,
    }
    return TemplateResponse(request, "accounts/second_factor_own.html", context)


def _account(request: HttpRequest) -> Account:
    return cast("Account", request.user)


def _is_verified(request: HttpRequest) -> bool:
    return bool(cast("Any", request.user).is_verified())


def _sign_in(request: HttpRequest, device: Device) -> None:
    request.session.cycle_key()  # what somebody saw of the session before is worth nothing now
    django_otp.login(request, device)


def _wrong_code(*devices: Device | None) -> str:
    until = second_factor.waits_until(*devices)
    if until is None:
        return _("This code is wrong.")
    seconds = max(1, ceil((until - clock.now()).total_seconds()))
    return _("This code is wrong, or comes too soon after a wrong one. Wait %(seconds)d s.") % {
        "seconds": seconds
    }


def _qr(app: TOTPDevice) -> SafeString:
    """Give the picture that an app reads, as SVG without styles, which the content policy would refuse."""
    picture = BytesIO()
    code = segno.make(app.config_url, error="m")
    code.save(picture, kind="svg", xmldecl=False, svgns=False, scale=4, border=2, light="#fff", nl=False)
    return SafeString(picture.getvalue().decode())


def _key(app: TOTPDevice) -> str:
    """Give the same secret for typing, in groups of four."""
    key = app.config_url.partition("secret=")[2].partition("&")[0]
    return " ".join(key[place : place + 4] for place in range(0, len(key), 4))


def _codes_page(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return _page(request, "codes", codes=codes, next=next_page(request))


def _page(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    known = {**admin.site.each_context(request), "title": _("Second factor"), **context}
    return TemplateResponse(request, f"accounts/second_factor_{name}.html", known)
