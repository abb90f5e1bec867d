"""The forms in which staff say why they do something."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, cast

from django import forms
from django.conf import settings
from django.db.models import TextChoices
from django.utils import translation
from django.utils.translation import gettext, gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from faceitbot.core.audit import MAX_REASON_LENGTH
from faceitbot.core.fields import validate_plain_text


class ActionForm(forms.Form):
    """What staff say when they act; the title of a page says the rest."""

    presets: ClassVar[type[TextChoices] | None] = None

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        presets: type[TextChoices] | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self._presets = presets or self.presets


# What makes the form of an action: its class, or that with something given beforehand.
FormMaker = Callable[
    [Mapping[str, Any] | None, type[TextChoices] | None, Mapping[str, Any] | None], ActionForm
]


class ReasonForm(ActionForm):
    """Why somebody does it: one of the usual reasons, words of his own, or both."""

    preset = forms.ChoiceField(
        label=gettext_lazy("Usual reasons"), required=False, widget=UnfoldAdminSelectWidget
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=MAX_REASON_LENGTH,
        required=False,
        validators=[validate_plain_text],
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Kept in the audit log."),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        presets: type[TextChoices] | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, presets, initial)
        if self._presets is None:
            del self.fields["preset"]
            self.fields["reason"].widget.attrs |= {"required": True, "autofocus": True}
        else:
            choice = cast("forms.ChoiceField", self.fields["preset"])
            choice.choices = [("", gettext("none of these")), *self._presets.choices]
            self.fields["reason"].help_text = gettext("Kept in the audit log. Needed without a usual reason.")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "reason" in self.errors or "preset" in self.errors:
            return given
        why = ": ".join(part for part in (self._usual(given), given["reason"].strip()) if part)
        if not why:
            self.add_error("reason", gettext("Say why."))
        elif len(why) > MAX_REASON_LENGTH:
            self.add_error("reason", gettext("Both together are too long for the audit log."))
        return {**given, "reason": why}

    def _usual(self, given: dict[str, Any]) -> str:
        # The log is in one language, whichever one the staff member reads.
        with translation.override(settings.LANGUAGE_CODE):
            return str(self._presets(given["preset"]).label) if self._presets and given["preset"] else ""
