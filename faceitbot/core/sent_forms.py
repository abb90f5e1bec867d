"""A form that is sent twice acts once, whoever sends it and however fast."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection

from faceitbot.core import clock
from faceitbot.core.models import SentForm
from faceitbot.core.transactions import transactional

KEPT_FOR = timedelta(days=7)  # far longer than a session: nobody can still have the form
FORM_SECONDS = 60.0

# Each form that comes takes some old ones along, so that no job is needed.
_PRUNE = """
DELETE FROM sent_forms WHERE token IN (
    SELECT token FROM sent_forms WHERE at < %s ORDER BY at LIMIT 50 FOR UPDATE SKIP LOCKED
)
"""


class SentForms:
    """Remembers the forms that have acted, each by its token."""

    @transactional(budget_seconds=FORM_SECONDS)
    def act_once(
        self, token: UUID, actor: AbstractBaseUser, work: Callable[[], tuple[int, int]]
    ) -> SentForm | None:
        """Run the work of a form; give the form that has done it before, and then do nothing.

        `work` gives how many rows it has changed, and how many were refused; the token stands with it.
        Concurrency: the second of two at once waits for the first, and does it all if that one fails.
        """
        form = SentForm(token=token, actor_id=actor.pk, at=clock.now())
        with connection.cursor() as cursor:
            cursor.execute(_PRUNE, [form.at - KEPT_FOR])
            cursor.execute(
                "INSERT INTO sent_forms (token, actor_id, at, done, refused) VALUES (%s, %s, %s, 0, 0)"
                " ON CONFLICT DO NOTHING",
                [form.token, form.actor_id, form.at],
            )
            if not cursor.rowcount:
                return SentForm.objects.get(pk=token)
        form.done, form.refused = work()
        form.save(update_fields=["done", "refused"])
        return None
