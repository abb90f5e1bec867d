"""Permissions and roles to choose from, in the reader's language."""

from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import ManyToManyField
from django.forms import ModelMultipleChoiceField
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from faceitbot.accounts.roles import name_of_role, permissions_that_count
from faceitbot.core.permission_names import in_words


class ChoiceInWords(ModelMultipleChoiceField):
    """What to choose from, in words."""

    def label_from_instance(self, obj: Any) -> str:
        return in_words(obj) if isinstance(obj, Permission) else name_of_role(obj.name)


class ChoicesInWords(ModelAdmin):
    """Forms that offer groups, and those permissions alone that open a page of ours."""

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest | None = None, **kwargs: Any
    ) -> "ModelMultipleChoiceField[Any] | None":
        if db_field.related_model is Permission:
            kwargs["queryset"] = permissions_that_count().select_related("content_type")
        else:  # a few groups, which are read at a glance
            kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
        kwargs["form_class"] = ChoiceInWords
        field: ModelMultipleChoiceField[Any] | None
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        return field
