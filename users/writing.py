"""The form in which staff write a note about a user."""

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from faceitbot.core.errors import InvalidInput
from faceitbot.core.reasons import ActionForm
from faceitbot.core.refusals import sentence
from users.models import MAX_NOTE_LENGTH
from users.notes import clean_note


class NoteForm(ActionForm):
    """What staff have to know of a user."""

    text = forms.CharField(
        label=_("Note"),
        max_length=MAX_NOTE_LENGTH,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5, "autofocus": True}),
        help_text=_("Nobody can change it afterwards. It goes when the person is erased."),
    )

    def clean_text(self) -> str:
        try:
            return clean_note(self.cleaned_data["text"])
        except InvalidInput as error:
            raise forms.ValidationError(sentence(error)) from error
