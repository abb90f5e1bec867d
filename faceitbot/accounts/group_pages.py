"""The pages of staff groups."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from faceitbot.accounts.choices import ChoicesInWords
from faceitbot.accounts.roles import Role, name_of_role
from faceitbot.core.audited_writes import AuditedWrites
from faceitbot.core.display import EMPTY
from faceitbot.core.permission_names import in_words
from faceitbot.core.staff import AuditedPages

ROLES = [role.value for role in Role]
admin.site.unregister(Group)


@admin.register(Group)
class StaffGroupAdmin(ChoicesInWords, AuditedWrites, AuditedPages, auth_admin.GroupAdmin, ModelAdmin):
    """What groups of staff may do; the three roles are the program's, others the staff's own."""

    list_display = ("show_name", "show_kind")
    readonly_fields = ("show_permissions",)
    search_help_text = _("Part of the group's name.")

    @display(description=_("Name"), ordering="name")
    def show_name(self, group: Group) -> str:
        return name_of_role(group.name)

    @display(description=_("Kind"))
    def show_kind(self, group: Group) -> str:
        return str(_("role") if group.name in ROLES else _("own group"))

    @display(description=_("permissions"))
    def show_permissions(self, group: Group) -> str:
        names = sorted(map(in_words, group.permissions.select_related("content_type")))
        return format_html_join("", "<div>{}</div>", ([name] for name in names)) or EMPTY

    def get_fields(self, request: HttpRequest, obj: Group | None = None) -> tuple[str, ...]:
        """Show what nobody here may change in words, as the form of the others does."""
        fixed = obj is not None and not self.has_change_permission(request, obj)
        return ("name", "show_permissions") if fixed else ("name", "permissions")

    def name_of(self, row: Group) -> str:
        return name_of_role(row.name)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_change_permission(request, obj) and not _is_role(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not _is_role(obj)


def _is_role(group: Any) -> bool:
    return group is not None and group.name in ROLES
