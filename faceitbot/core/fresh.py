"""Forms that staff write rows with: what a colleague has changed meanwhile is not overwritten."""

from typing import Any, ClassVar

from django import forms
from django.db import connection
from django.db.models import Field
from django.http import HttpRequest
from django.utils.translation import gettext as _

from faceitbot.core import versions
from faceitbot.core.audit import history
from faceitbot.core.staff import AuditedPages


class FreshForm(forms.ModelForm):
    """Writes what the staff member changed, and refuses what somebody else changed since the page opened.

    The page carries the values that it was opened with, so an old page does not bring old values back. Who
    sends it twice is not refused: what he wants is stored.
    """

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for name in self.changed_data if self.instance.pk else ():
            opened_with, field = self[name].html_initial_name, self.fields[name]
            if opened_with not in self.data:
                continue
            stored = self.get_initial_for_field(field, name)
            if field.has_changed(stored, self.data[opened_with]) and field.has_changed(
                stored, self[name].data
            ):
                text = _("%(who)s has changed this meanwhile to “%(stored)s”. Open the page again.")
                values = {"who": self._who_changed(name), "stored": stored}
                self.add_error(name, forms.ValidationError(text, "stale", values))
        return cleaned

    def _who_changed(self, name: str) -> str:
        entries = (entry for entry in history(self.instance) if name in entry.after)
        last = next(entries, None)
        return str(last.actor) if last and last.actor else _("Somebody")


class FreshPages(AuditedPages):
    """Pages whose forms are `FreshForm`s, compared while no colleague can write the same row."""

    form: ClassVar[type[forms.ModelForm]] = FreshForm

    def formfield_for_dbfield(
        self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        field: forms.Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.show_hidden_initial = True
        return field

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        if row is not None and request.method == "POST" and connection.in_atomic_block:
            # Read again, as whoever came before has left it.
            versions.queue_up([self.lock_key(row)])
            row = super().get_object(request, object_id, from_field)
        return row
