"""The pages of staff accounts."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin
from django.contrib.auth import logout
from django.contrib.auth.models import User as Account
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from faceitbot.accounts import deeds, second_factor
from faceitbot.accounts.choices import ChoicesInWords
from faceitbot.accounts.lockout import locked_until
from faceitbot.accounts.passwords import audited_password
from faceitbot.accounts.roles import name_of_role
from faceitbot.accounts.sessions import count_sessions
from faceitbot.core.acting import Given, act_with_reason
from faceitbot.core.audited_writes import AuditedWrites
from faceitbot.core.display import EMPTY, digits, moment
from faceitbot.core.staff import AuditedPages

admin.site.unregister(Account)
# Their own pages would show the secrets that the codes come from.
admin.site.unregister(TOTPDevice)
admin.site.unregister(StaticDevice)


@admin.register(Account)
class StaffAccountAdmin(ChoicesInWords, AuditedWrites, AuditedPages, auth_admin.UserAdmin, ModelAdmin):
    """Accounts of staff; the people who use the bot are elsewhere."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "show_name", "show_roles", "show_state", "show_factor", "show_last_login")
    filter_horizontal = ("user_permissions",)
    list_filter_sheet = False
    search_help_text = _("User name, name or e-mail address.")
    secret = frozenset({"password", "password1", "password2"})
    actions_detail = ("unlock", "sign_out_everywhere", "reset_second_factor")
    fieldsets = (
        (None, {"fields": (("username", "email"), ("first_name", "last_name"), "password")}),
        (_("Role"), {"fields": (("is_active", "is_staff"), "groups", "is_superuser", "user_permissions")}),
    )
    change_form_outer_before_template = "accounts/account.html"

    # ---- What is shown

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        app = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        rows: QuerySet[Account] = super().get_queryset(request)
        return rows.prefetch_related("groups").annotate(has_second_factor=Exists(app))

    @display(description=_("Name"))
    def show_name(self, account: Account) -> str:
        return account.get_full_name() or EMPTY

    @display(description=_("Role"))
    def show_roles(self, account: Account) -> str:
        names = sorted(name_of_role(group.name) for group in account.groups.all())
        return ", ".join([*([str(_("Superuser"))] if account.is_superuser else []), *names]) or EMPTY

    @display(description=_("State"), label={"active": "success", "off": "danger"})
    def show_state(self, account: Account) -> tuple[str, Any]:
        works = account.is_active and account.is_staff
        return ("active", _("may sign in")) if works else ("off", _("may not sign in"))

    @display(description=_("Second factor"), boolean=True)
    def show_factor(self, account: Any) -> bool:
        return bool(account.has_second_factor)

    @display(description=_("Last signed in"), ordering="last_login")
    def show_last_login(self, account: Account) -> str:
        return moment(account.last_login)

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        app = second_factor.app_of(row)
        facts = [
            (_("Second factor"), moment(app.created_at) if app else EMPTY),
            (_("Recovery codes left"), digits(second_factor.recovery_codes_left(row))),
            (_("Passwords are refused until"), moment(locked_until(row.get_username()))),
            (_("Signed in now, browsers"), digits(count_sessions(row.pk))),
            (_("Last signed in"), moment(row.last_login)),
            (_("Account made"), moment(row.date_joined)),
        ]
        return {**super().page_context(request, row), "signing_in": facts}

    # ---- Who may do it: only superusers make or touch superusers

    def get_readonly_fields(self, request: HttpRequest, obj: Account | None = None) -> tuple[str, ...]:
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if _is_superuser(request) else (*fields, "is_superuser", "user_permissions")

    def has_change_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    def has_account_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        whose = self.get_object(request, object_id) if object_id and not _is_superuser(request) else None
        return self.has_change_permission(request, whose)

    # ---- What is done

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        view = super().user_change_password
        return audited_password(request, id, lambda: view(request, id, form_url))

    def response_change(self, request: HttpRequest, obj: Account) -> HttpResponse:
        return _leave_if_signed_out(request) or super().response_change(request, obj)

    @action(description=_("Unlock"), icon="lock_open", permissions=["account"])
    def unlock(self, request: HttpRequest, object_id: str) -> HttpResponse:
        title = _("Take passwords of this account again at once?")
        return self._do(request, object_id, deeds.unlock, title, _("Unlock"))

    @action(description=_("Sign out everywhere"), icon="logout", permissions=["account"])
    def sign_out_everywhere(self, request: HttpRequest, object_id: str) -> HttpResponse:
        title = _("End all sessions of this account?")
        return self._do(request, object_id, deeds.sign_out, title, _("Sign out"))

    @action(
        description=_("Reset second factor"),
        icon="phonelink_erase",
        variant=ActionVariant.DANGER,
        permissions=["account"],
    )
    def reset_second_factor(self, request: HttpRequest, object_id: str) -> HttpResponse:
        title = _(
            "Forget the phone and the recovery codes of this account? Its sessions end, and at the next login"
            " its owner sets up a new phone. Be sure that it is he who asks."
        )
        return self._do(request, object_id, second_factor.remove, title, _("Reset"))

    def _do(self, request: HttpRequest, object_id: str, deed: Any, title: Any, confirm: Any) -> HttpResponse:
        account = self.get_object(request, object_id)
        if account is None:
            self.message_user(request, str(_("There is no such row.")), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:auth_user_changelist"))

        def run(given: Given) -> list[Account]:
            done = deed(account, actor=request.user, reason=given["reason"])
            return [account] if done else []

        answer = act_with_reason(self, request, [account], title=title, confirm=confirm, run=run)
        back = HttpResponseRedirect(reverse("admin:auth_user_change", args=[account.pk]))
        return answer or _leave_if_signed_out(request) or back


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


def _may_touch(request: HttpRequest, account: Account | None) -> bool:
    return account is None or not account.is_superuser or _is_superuser(request)


def _leave_if_signed_out(request: HttpRequest) -> HttpResponse | None:
    """Lead somebody who has ended his own session to the login."""
    if Session.objects.filter(pk=request.session.session_key).exists():
        return None
    logout(request)
    return HttpResponseRedirect(reverse("admin:login"))
