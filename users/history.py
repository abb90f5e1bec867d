"""What the apps above hold of a user, read by the names that they have given to his side of it."""

from typing import Any, cast

from django.db.models import ManyToOneRel, Model, Prefetch, QuerySet

from faceitbot.core.ids import telegram_id
from faceitbot.core.repository import page
from faceitbot.core.transactions import query
from users.models import User

# The lists of a user that `get_user_with_full_data` loads, and their orders: newest first.
_LISTS = {"analyses": ("-analysed_at", "id"), "payments": ("-created_at", "id")}
FULL_DATA_ANALYSES = 100  # an analysis is large, and some users have thousands


class HistoryMethods:
    """A user together with what became of him."""

    @query
    def get_user_match_history(self, user_id: int, limit: int = 20) -> list[Any]:
        """Give the analyses of a user, newest first; an empty list for an unknown user.

        Shape: rows of `matches.MatchAnalysis`.
        """
        most = page(0, limit)
        user = User.objects.filter(telegram_id=telegram_id(user_id)).only("pk").first()
        return [] if user is None else list(_rows("analyses").filter(user=user.pk)[most])

    @query
    def get_user_with_full_data(self, user_id: int) -> User | None:
        """Give the user with `.subscription`, `.analyses` and `.payments` loaded; None for an unknown user.

        Three queries; lists are newest first. Of the analyses only the newest hundred are loaded:
        `MatchRepository.get_user_analyses` gives all of them, page by page.
        """
        wanted = telegram_id(user_id)
        newest = _rows("analyses").filter(user__telegram_id=wanted).values("pk")[:FULL_DATA_ANALYSES]
        lists = [
            Prefetch("analyses", queryset=_rows("analyses").filter(pk__in=newest)),
            Prefetch("payments", queryset=_rows("payments")),
        ]
        rows = User.objects.select_related("subscription")
        return rows.prefetch_related(*lists).filter(telegram_id=wanted).first()


def _rows(name: str) -> QuerySet[Model]:
    """Give the rows of a list, ordered; the app that has them is not imported."""
    relation = cast("ManyToOneRel", User._meta.get_field(name))
    return relation.related_model._default_manager.order_by(*_LISTS[name])
