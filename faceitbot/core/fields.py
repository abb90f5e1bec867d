"""Model fields whose forms refuse what the repositories refuse."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from faceitbot.core.ids import TELEGRAM_ID_MAX
from faceitbot.core.text import find_hostile_character

if TYPE_CHECKING:
    AnyField = models.Field[Any, Any]
    BigIntegerField = models.BigIntegerField[Any, Any]
    CharField = models.CharField[Any, Any]
else:  # Django's fields take type arguments in their stubs only
    AnyField, BigIntegerField, CharField = models.Field, models.BigIntegerField, models.CharField


def column_of(field: AnyField) -> AnyField:
    """Give the field that decides what a field's column holds: of a relation, the key that it points to."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    return field


def validate_plain_text(value: str) -> None:
    """Refuse control characters and lone surrogates in a form."""
    hostile = find_hostile_character(value)
    if hostile:
        raise ValidationError(
            _("The character %(character)s is not allowed here."), params={"character": hostile}
        )


class TelegramIdField(BigIntegerField):
    """A Telegram user id, 1 to 2^52."""

    default_validators = [MinValueValidator(1), MaxValueValidator(TELEGRAM_ID_MAX)]


class PlainTextField(CharField):
    """One line of text from outside: no control characters, a length that the database holds too."""

    default_validators = [validate_plain_text]
