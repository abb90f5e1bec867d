"""Repositories of rows that only rules of the domain write: money, grants, referrals, metrics."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model

from faceitbot.core.errors import Refused
from faceitbot.core.repository import BaseRepository
from faceitbot.core.transactions import prepared_transaction, transactional

M = TypeVar("M", bound=Model)


class LedgerRepository(BaseRepository[M]):
    """Reads as every repository does; what is written goes through verbs of its own."""

    @transactional()
    def create(self, obj_in: object) -> M:
        """Refuse: a verb of the repository makes such rows."""
        raise self._refusal("created")

    @transactional()
    def update(self, id: UUID, obj_in: object) -> M | None:
        """Refuse: a verb of the repository changes such rows."""
        raise self._refusal("changed")

    @transactional()
    def delete(self, id: UUID) -> bool:
        """Refuse: such rows are kept."""
        raise self._refusal("deleted")

    @prepared_transaction()
    def create_batch(self, objects: Iterable[object]) -> Callable[[], list[M]]:
        """Refuse, as `create`."""
        raise self._refusal("created")

    @prepared_transaction()
    def update_batch(self, updates: Iterable[Mapping[str, Any]]) -> Callable[[], int]:
        """Refuse, as `update`."""
        raise self._refusal("changed")

    @prepared_transaction()
    def delete_batch(self, ids: Iterable[UUID]) -> Callable[[], int]:
        """Refuse, as `delete`."""
        raise self._refusal("deleted")

    def _refusal(self, what: str) -> Refused:
        name = self.model._meta.verbose_name
        return Refused(f"a {name} is {what} by the rules of its domain only", reason="ledger")
