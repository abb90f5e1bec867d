"""The audit log, and the staff's own accounts in the look of the other pages."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group, User
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from faceitbot.core.models import AuditEntry
from faceitbot.core.staff import ReadOnlyAdmin

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class StaffAccountAdmin(auth_admin.UserAdmin, ModelAdmin):
    """Accounts of staff; the people who use the bot are elsewhere."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    show_full_result_count = False


@admin.register(Group)
class StaffGroupAdmin(auth_admin.GroupAdmin, ModelAdmin):
    """What groups of staff may do."""


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Who did what, newest first."""

    list_display = ("at", "actor", "action", "object_label", "object_id", "reason")
    list_select_related = ("actor",)
    search_fields = ("object_id",)
    search_help_text = _("The id of an object, the name of an action, or a correlation id.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        exact = Q(object_id=term) | Q(action=term) | Q(correlation_id=term)
        return queryset.filter(exact), False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in AuditEntry._meta.concrete_fields if field.name != "id"]
