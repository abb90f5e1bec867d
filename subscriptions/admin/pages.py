"""What the pages about users' subscriptions have in common."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.models import User as StaffAccount
from django.db.models import Model, TextChoices
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.admin import ModelAdmin
from unfold.utils import display_for_label
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from faceitbot.core.acting import Given, act_with_reason
from faceitbot.core.display import EMPTY
from faceitbot.core.ids import TELEGRAM_ID_MAX
from faceitbot.core.reasons import FormMaker, ReasonForm
from faceitbot.core.staff import StaffPages
from users.models import User

COUNTS = pgettext_lazy("state", "counts")
TIER_COLOURS = {"free": "info", "premium": "warning", "pro": "success"}


class TelegramIdField(forms.IntegerField):
    """A Telegram id, which gives the user who has it."""

    widget = UnfoldAdminIntegerFieldWidget

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=TELEGRAM_ID_MAX, **options)

    def clean(self, value: Any) -> User | None:
        telegram_id = super().clean(value)
        user = User.objects.filter(telegram_id=telegram_id).first() if telegram_id else None
        if telegram_id and user is None:
            raise forms.ValidationError(_("There is no such user."))
        return user


def act(
    page: StaffPages,
    request: HttpRequest,
    row: Model | None,
    *,
    title: object,
    confirm: object,
    run: Callable[[Given], Sequence[Any]],
    form_class: FormMaker = ReasonForm,
    presets: type[TextChoices] | None = None,
) -> HttpResponse:
    """Ask for the reason of an action on a row, run it, and lead back to the row."""
    if row is None:
        page.message_user(request, str(_("There is no such row.")), messages.ERROR)
        return back_to_list(page)
    answer = act_with_reason(
        page, request, [row], title=title, confirm=confirm, run=run, form_class=form_class, presets=presets
    )
    if answer:
        return answer
    meta = page.model._meta
    return HttpResponseRedirect(reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk]))


def back_to_list(page: ModelAdmin) -> HttpResponse:
    """Lead back to the list of a page's rows."""
    meta = page.model._meta
    return HttpResponseRedirect(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"))


def label(state: tuple[str, Any], colours: Mapping[str, str]) -> str:
    """Give a coloured label, as lists make them of such a pair themselves."""
    return SafeString(display_for_label(state, EMPTY, colours))


def may(request: HttpRequest, permission: str) -> bool:
    return cast("StaffAccount", request.user).has_perm(permission)


def staff(request: HttpRequest) -> AbstractBaseUser:
    return cast("AbstractBaseUser", request.user)
