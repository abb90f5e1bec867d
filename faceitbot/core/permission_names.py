"""What permissions are called on the pages about staff; the database has their English names."""

from typing import Any

from django.contrib.auth.models import Permission
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

VERBS = {"add": _("add"), "change": _("change"), "delete": _("delete"), "view": _("view")}


def in_words(permission: Permission) -> str:
    """Give a permission as "Payments: view", or by the name that its model gives it."""
    model: Any = permission.content_type.model_class()
    if model is None:
        return permission.name
    verb, _line, name = permission.codename.partition("_")
    own = verb in VERBS and name == model._meta.model_name
    what = str(VERBS[verb]) if own else gettext(permission.name)
    return f"{capfirst(model._meta.verbose_name_plural)}: {what}"
