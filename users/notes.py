"""What staff write down about users."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext_lazy as _

from faceitbot.core import audit, clock
from faceitbot.core.errors import InvalidInput
from faceitbot.core.ids import row_id
from faceitbot.core.repository import page
from faceitbot.core.text import clean_text
from faceitbot.core.transactions import query, transactional
from users.errors import UserNotFound
from users.models import MAX_NOTE_LENGTH, User, UserNote

NOTED = audit.action("user.noted", _("Note written"))


class NoteMethods:
    """Notes are added and read, never changed; they go when the person is erased."""

    @transactional()
    def add_note(self, id: UUID, text: str, *, actor: AbstractBaseUser) -> UserNote:
        """Write down what staff have to know of a user; nobody changes it again.

        Errors: `UserNotFound`, also for one who was erased.
        """
        words = clean_note(text)
        # Shared, so that no note is written about somebody who is being erased.
        user = User.objects.living().select_for_update(no_key=True).filter(pk=row_id(id)).first()
        if user is None:
            raise UserNotFound("there is no such user", id=str(id))
        note = UserNote.objects.create(user=user, author_id=actor.pk, text=words)
        audit.record(NOTED, [audit.Change(user, {}, {})], actor=actor)
        return note

    @query
    def get_notes(self, id: UUID, limit: int = 20, *, before: datetime | None = None) -> list[UserNote]:
        """Give what staff have written about a user until a moment, newest first, with the authors."""
        rows = UserNote.objects.filter(user_id=row_id(id)).select_related("author")
        if before is not None:
            rows = rows.filter(created_at__lt=clock.aware(before))
        return list(rows.order_by("-created_at", "id")[page(0, limit)])


def clean_note(text: object) -> str:
    """Give the text of a note, whose lines stay lines. Errors: `InvalidInput`."""
    if not isinstance(text, str):
        raise InvalidInput(f"text must be text, not {type(text).__name__}", field="text")
    lines = [clean_text(line.rstrip(), "text", MAX_NOTE_LENGTH, min_length=0) for line in text.splitlines()]
    # Each line is clean; together they are neither empty nor too long.
    words = "\n".join(lines).strip()
    if not 0 < len(words) <= MAX_NOTE_LENGTH:
        raise InvalidInput(f"text must have 1 to {MAX_NOTE_LENGTH} characters", field="text")
    return words
