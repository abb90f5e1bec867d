"""Everything that the bot, the admin and the commands do with users."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext_lazy as _

from faceitbot.core import audit, clock
from faceitbot.core.cache import cache_player_data
from faceitbot.core.errors import InvalidInput, UnknownField
from faceitbot.core.ids import faceit_id, row_id, telegram_id
from faceitbot.core.observability import emit
from faceitbot.core.repository import BATCH_SECONDS, MAX_LIMIT, BaseRepository, page
from faceitbot.core.statements import one_row, tallied
from faceitbot.core.text import MAX_LANGUAGE_LENGTH, MAX_NICKNAME_LENGTH, clean_text, fold
from faceitbot.core.transactions import prepared_transaction, query, transactional
from faceitbot.core.values import listed, whole
from users.activity import count_many_requests, count_requests, count_together, counted_together, fold_hours
from users.errors import ACCOUNT_TAKEN, FaceitAccountTaken
from users.figures import MAX_DAYS, FigureMethods
from users.history import HistoryMethods
from users.models import User
from users.notes import NoteMethods
from users.personal import USER
from users.signals import faceit_accounts_changed, users_created

MAX_REQUESTS = 1_000_000
MAX_TOTAL_REQUESTS = 2**52
MAX_CLOCK_SKEW = timedelta(minutes=5)
BLOCKED = audit.action("user.blocked", _("User blocked"))
UNBLOCKED = audit.action("user.unblocked", _("User unblocked"))


def _nickname(value: object) -> str:
    return clean_text(value, "faceit_nickname", MAX_NICKNAME_LENGTH)


def _at_present(user_id: int, now: datetime | None = None) -> int | None:
    wanted = telegram_id(user_id)
    return wanted if now is None else None


def _touched(user_id: int, language: str | None = None, now: datetime | None = None) -> int | None:
    _language_or_default(language)
    return _at_present(user_id, now)


def _language_or_default(value: object) -> str:
    return clean_text("ru" if value is None else value, "language", MAX_LANGUAGE_LENGTH)


class UserRepository(FigureMethods, HistoryMethods, NoteMethods, BaseRepository[User]):
    """The bot's users; `user_id` is the Telegram id, 1 to 2^52, unless a method says `id`.

    Errors: `InvalidInput` that names the argument, for every method, before the database is asked.
    """

    model = User
    fields = frozenset(field.attname for field in User._meta.concrete_fields)
    updatable = frozenset(
        {
            "faceit_player_id",
            "faceit_nickname",
            "last_checked_match_id",
            "waiting_for_nickname",
            "language",
            "notifications_enabled",
        }
    )
    creatable = updatable | {"telegram_id"}
    required = frozenset({"telegram_id"})
    relationships = frozenset({"activity", "analyses", "grants", "payments", "subscription"})
    cache_alias = "player_cache"
    look_ups = {"telegram_id": str, "faceit_player_id": str, "faceit_nickname": fold}

    # ---- Look-ups

    @cache_player_data(by="telegram_id", clean=telegram_id)
    @one_row(by="telegram_id", key=telegram_id)
    @query
    def get_by_telegram_id(self, user_id: int) -> User | None:
        """Give the user with this Telegram id, or None. Cached: yes."""
        return User.objects.filter(telegram_id=telegram_id(user_id)).first()

    @cache_player_data(by="faceit_player_id", clean=faceit_id)
    @one_row(by="faceit_player_id", key=faceit_id)
    @query
    def get_by_faceit_id(self, faceit_player_id: str) -> User | None:
        """Give the user to whom this FACEIT account is linked, or None. Cached: yes."""
        return User.objects.filter(faceit_player_id=faceit_id(faceit_player_id)).first()

    @cache_player_data(by="faceit_nickname", clean=_nickname)
    @query
    def get_by_nickname(self, faceit_nickname: str) -> User | None:
        """Give the user with this FACEIT nickname in any case, or None. Cached: yes.

        Nicknames change hands: of several users with the same one, the last active is given.
        """
        return User.objects.nickname_is(_nickname(faceit_nickname)).last_active_first().first()

    @one_row(by="telegram_id", key=telegram_id, rows=User.objects.select_related("subscription"))
    @query
    def get_user_with_subscription(self, user_id: int) -> User | None:
        """Give the user with `.subscription` loaded, in one query; None for an unknown user."""
        rows = User.objects.select_related("subscription")
        return rows.filter(telegram_id=telegram_id(user_id)).first()

    # ---- Registration and activity

    @transactional()
    def create_user(
        self,
        user_id: int,
        faceit_player_id: str | None = None,
        faceit_nickname: str | None = None,
        language: str = "ru",
        now: datetime | None = None,
    ) -> User:
        """Register a user; one who is registered already comes back unchanged.

        Errors: `FaceitAccountTaken` when the account belongs to somebody else.
        Concurrency: any number of calls for one id make one user.
        """
        values: dict[str, Any] = {
            "telegram_id": telegram_id(user_id),
            "faceit_player_id": None if faceit_player_id is None else faceit_id(faceit_player_id),
            "faceit_nickname": None if faceit_nickname is None else _nickname(faceit_nickname),
            "language": clean_text(language, "language", MAX_LANGUAGE_LENGTH),
        }
        if now is not None:
            values["created_at"] = values["updated_at"] = clock.aware(now)
        known = User.objects.filter(telegram_id=values["telegram_id"]).first()
        return known or self._register(User(**values))

    @tallied(count_together, counted_together, key=_touched)
    @transactional()
    def touch(self, user_id: int, language: str | None = None, now: datetime | None = None) -> User:
        """Count one request of a user and give the user; register an unknown one first.

        The one call for each update of Telegram. `language` is Telegram's guess: it is taken at registration
        and never overwrites what the user has chosen since.
        """
        wanted = telegram_id(user_id)
        language = _language_or_default(language)
        moment = None if now is None else clock.aware(now)
        user = self._count(wanted, moment)
        if user is None:
            created = self.create_user.blocking(wanted, language=language, now=moment)
            user = self._count(wanted, moment) or created
        return user

    @tallied(count_together, counted_together, key=_at_present, give=lambda _user: None)
    @transactional()
    def update_last_activity(self, user_id: int, now: datetime | None = None) -> None:
        """Count one request of a user, in total and for the hour (UTC); an unknown user is left alone."""
        self._count(telegram_id(user_id), None if now is None else clock.aware(now))

    @prepared_transaction(budget_seconds=BATCH_SECONDS)
    def bulk_update_activity(self, activities: Iterable[Mapping[str, Any]]) -> Callable[[], int]:
        """Count requests of many users in one statement; give how many of them are registered.

        Shape: each {"user_id": Telegram id, "timestamp": aware datetime = now, "requests": int = 1}. A user
        may appear more than once. The last activity never moves backwards, and none lies in the future.
        """
        counts = [_activity(activity) for activity in listed("activities", activities)]

        def body() -> int:
            found = count_many_requests(counts) if counts else 0
            if found:
                self._written_many()
            return found

        return body

    @transactional()
    def raise_counters(
        self,
        user_id: int,
        *,
        total_requests: int,
        created_at: datetime,
        last_active_at: datetime | None = None,
    ) -> User | None:
        """Take over what somebody else has counted of a user, where it is ahead; None for an unknown user.

        The requests and the last activity only rise, the registration only moves back: what was read a while
        ago undoes nothing. The hours of such requests are not known, so figures by hour do not hold them.
        """
        total = whole("total_requests", total_requests, 0, MAX_TOTAL_REQUESTS)
        created = clock.aware(created_at, "created_at")
        active = None if last_active_at is None else _past(last_active_at, "last_active_at")
        user = self._locked(user_id)
        if user is None:
            return None
        changes: dict[str, Any] = {}
        if total > user.total_requests:
            changes["total_requests"] = total
        if created < user.created_at:
            changes["created_at"] = created
        if active and (user.last_active_at is None or active > user.last_active_at):
            changes["last_active_at"] = active
        return self._change(user, changes) if changes else user

    @transactional(budget_seconds=BATCH_SECONDS)
    def fold_old_activity(self, older_than_days: int = 90, now: datetime | None = None) -> int:
        """Fold old hours into days of `BOT_TIME_ZONE`; give how many rows went.

        Figures by day do not change; of hours, sums are left (`hours_folded`). Repeating it changes nothing.
        """
        last = clock.today(None if now is None else clock.aware(now))
        days = whole("older_than_days", older_than_days, 1, MAX_DAYS)
        return fold_hours(clock.start_of_day(last - timedelta(days=days)), settings.BOT_TIME_ZONE)

    # ---- The FACEIT account

    @transactional()
    def link_faceit_account(self, user_id: int, faceit_player_id: str, faceit_nickname: str) -> User | None:
        """Link a FACEIT account, in place of another if there is one; None for an unknown user.

        Errors: `FaceitAccountTaken` when it belongs to somebody else; nothing changes then.
        """
        player = faceit_id(faceit_player_id)
        nickname = _nickname(faceit_nickname)
        user = self._locked(user_id)
        if user is None:
            return None
        # The last checked match belongs to the account that was linked before.
        match = user.last_checked_match_id if user.faceit_player_id == player else None
        self._change(
            user,
            {
                "faceit_player_id": player,
                "faceit_nickname": nickname,
                "last_checked_match_id": match,
                "waiting_for_nickname": False,
            },
        )
        emit("faceit_account.linked")
        return user

    @transactional()
    def unlink_faceit_account(self, user_id: int) -> User | None:
        """Forget the FACEIT account, its nickname and its last checked match; None for an unknown user."""
        return self._set(user_id, faceit_player_id=None, faceit_nickname=None, last_checked_match_id=None)

    # ---- Settings of one user

    @transactional()
    def update_last_checked_match(self, user_id: int, match_id: str | None) -> User | None:
        """Remember the match that was checked last; None for an unknown user."""
        match = None if match_id is None else faceit_id(match_id, "match_id")
        return self._set(user_id, last_checked_match_id=match)

    @transactional()
    def set_waiting_for_nickname(self, user_id: int, waiting: bool = True) -> User | None:
        """Remember whether the bot waits for the user's nickname; None for an unknown user."""
        return self._set(user_id, waiting_for_nickname=_flag("waiting", waiting))

    @transactional()
    def set_preferences(
        self, user_id: int, language: str | None = None, notifications_enabled: bool | None = None
    ) -> User | None:
        """Set what is given and keep the rest; None for an unknown user."""
        changes: dict[str, Any] = {}
        if language is not None:
            changes["language"] = clean_text(language, "language", MAX_LANGUAGE_LENGTH)
        if notifications_enabled is not None:
            changes["notifications_enabled"] = _flag("notifications_enabled", notifications_enabled)
        return self._set(user_id, **changes)

    @transactional()
    def mark_bot_blocked(self, id: UUID, now: datetime | None = None) -> User | None:
        """Remember that a user has stopped the bot; None for an unknown user. `touch` forgets it."""
        user = User.objects.select_for_update(no_key=True).filter(pk=row_id(id)).first()
        if user is None or user.bot_blocked_at is not None:
            return user
        return self._change(user, {"bot_blocked_at": clock.now() if now is None else clock.aware(now)})

    @transactional()
    def forget_identity(self, id: UUID, now: datetime | None = None) -> User | None:
        """Empty what says who a user is and keep the row; None for one who is unknown or was erased before.

        Only a part of erasing a person: `faceitbot.personal` does the whole.
        """
        user = User.objects.living().select_for_update().filter(pk=row_id(id)).first()
        if user is None:
            return None
        moment = clock.now() if now is None else clock.aware(now)
        return self._change(user, {**USER.emptied(), "erased_at": moment})

    # ---- Staff

    @prepared_transaction(budget_seconds=BATCH_SECONDS)
    def block_users(
        self, user_ids: Iterable[int], *, actor: AbstractBaseUser | None, reason: str
    ) -> Callable[[], list[User]]:
        """Keep users from making requests; give those who were not blocked before.

        Writes one audit entry for each of them, with the reason, which must not be empty.
        """
        return self._set_blocked(user_ids, BLOCKED, actor, reason)

    @prepared_transaction(budget_seconds=BATCH_SECONDS)
    def unblock_users(
        self, user_ids: Iterable[int], *, actor: AbstractBaseUser | None, reason: str
    ) -> Callable[[], list[User]]:
        """Let users make requests again; give those who were blocked. Audited as `block_users`."""
        return self._set_blocked(user_ids, UNBLOCKED, actor, reason)

    # ---- Lists

    @query
    def get_users_with_faceit_accounts(self, skip: int = 0, limit: int = MAX_LIMIT) -> list[User]:
        """Give a page of the users with a FACEIT account, last active first."""
        return list(User.objects.linked().last_active_first()[page(skip, limit)])

    @query
    def get_all_users_with_faceit_accounts(self) -> list[User]:
        """Give all users with a FACEIT account at once, last active first, in one query.

        Memory grows with their number: `iter_users_with_faceit_accounts` goes through any number of them.
        """
        return list(User.objects.linked().last_active_first())

    async def iter_users_with_faceit_accounts(self) -> AsyncIterator[User]:
        """Go through all users with a FACEIT account in constant memory, in the order of their ids.

        Concurrency: who links an account meanwhile may be missed; nobody comes twice.
        """
        last: UUID | None = None
        while rows := await self._linked_after(last):
            for user in rows:
                yield user
            last = rows[-1].pk

    @query
    def get_active_users(
        self, since_days: int = 7, skip: int = 0, limit: int = 100, now: datetime | None = None
    ) -> list[User]:
        """Give a page of those who were active within the last days, last active first."""
        since = _since(now, days=whole("since_days", since_days, 1, MAX_DAYS))
        return list(User.objects.living().active_since(since).last_active_first()[page(skip, limit)])

    @query
    def search_users_by_nickname(self, nickname_pattern: str, limit: int = 50) -> list[User]:
        """Give the users whose FACEIT nickname holds this text in any case, last active first."""
        part = clean_text(nickname_pattern, "nickname_pattern", MAX_NICKNAME_LENGTH)
        return list(User.objects.nickname_contains(part).last_active_first()[page(0, limit)])

    # ---- Within

    def _created(self, rows: Sequence[User]) -> None:
        users_created.send(sender=User, user_ids=[user.pk for user in rows])
        emit("user.created", len(rows))

    def _updated(self, changes: Sequence[tuple[UUID, Mapping[str, Any]]]) -> None:
        # Of somebody who is erased each app lets go by itself.
        _tell_of_accounts(
            [key for key, values in changes if "faceit_player_id" in values and "erased_at" not in values]
        )

    def _register(self, user: User) -> User:
        """Insert the user unless somebody was quicker, and give the one that is stored."""
        User.objects.bulk_create([user], ignore_conflicts=True)
        stored = User.objects.filter(telegram_id=user.telegram_id).first()
        if stored is None:
            raise FaceitAccountTaken(ACCOUNT_TAKEN, field="faceit_player_id")
        if stored.pk == user.pk:
            self._written(self._scopes(stored))
            self._created([stored])
            _tell_of_accounts([stored.pk] if stored.faceit_player_id is not None else [])
        return stored

    def _count(self, wanted: int, moment: datetime | None) -> User | None:
        user = count_requests(wanted, moment)
        if user is not None:
            self._written(self._scopes(user))
        return user

    def _locked(self, user_id: object) -> User | None:
        return User.objects.select_for_update(no_key=True).filter(telegram_id=telegram_id(user_id)).first()

    def _set(self, user_id: object, **changes: Any) -> User | None:
        user = self._locked(user_id)
        return self._change(user, changes) if user and changes else user

    def _set_blocked(
        self, user_ids: Iterable[int], action: audit.ActionName, actor: AbstractBaseUser | None, reason: str
    ) -> Callable[[], list[User]]:
        """Give the body that blocks or unblocks those who are not so yet."""
        reason = audit.clean_reason(reason)
        wanted = {telegram_id(user_id) for user_id in listed("user_ids", user_ids)}
        moment = clock.now() if action == BLOCKED else None

        def body() -> list[User]:
            users = list(
                User.objects.filter(telegram_id__in=wanted, blocked_at__isnull=action == BLOCKED)
                .order_by("id")
                .select_for_update(no_key=True)
            )
            changes = []
            for user in users:
                before, user.blocked_at = user.blocked_at, moment
                changes.append(audit.Change(user, _blocked(before), _blocked(moment)))
            keys = [user.pk for user in users]
            User.objects.filter(pk__in=keys).update(blocked_at=moment, **self._touched())
            self._written(self._scopes(*users))
            audit.record(action, changes, actor=actor, reason=reason)
            if users:
                emit(action, len(users))
            return users

        return body

    def _completed(self, values: dict[str, Any]) -> dict[str, Any]:
        # The last checked match belongs to the account that was linked before.
        if "faceit_player_id" in values:
            return {"last_checked_match_id": None, **values}
        return values

    @query
    def _linked_after(self, last: UUID | None) -> list[User]:
        rows = User.objects.linked().order_by("id")
        return list((rows.filter(id__gt=last) if last else rows)[:MAX_LIMIT])


def _tell_of_accounts(user_ids: Sequence[UUID]) -> None:
    if user_ids:
        faceit_accounts_changed.send(sender=User, user_ids=user_ids)


def _activity(activity: Mapping[str, Any]) -> tuple[int, int, datetime | None]:
    if not isinstance(activity, Mapping):
        raise InvalidInput(
            f"an activity must be a mapping, not {type(activity).__name__}", field="activities"
        )
    unknown = set(activity) - {"user_id", "timestamp", "requests"}
    if unknown:
        raise UnknownField(f"an activity has no field {min(unknown)!r}", field=min(unknown))
    moment = activity.get("timestamp")
    if moment is not None:
        moment = _past(moment, "timestamp")
    user_id = telegram_id(activity.get("user_id"))
    return user_id, whole("requests", activity.get("requests", 1), 0, MAX_REQUESTS), moment


def _past(moment: datetime, name: str) -> datetime:
    moment = clock.aware(moment, name)
    if moment > clock.now() + MAX_CLOCK_SKEW:
        raise InvalidInput(f"{name} lies in the future", field=name)
    return moment


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise InvalidInput(f"{name} must be bool, not {type(value).__name__}", field=name)
    return value


def _since(now: datetime | None, *, days: int) -> datetime:
    return (clock.now() if now is None else clock.aware(now)) - timedelta(days=days)


def _blocked(moment: datetime | None) -> dict[str, Any]:
    return {"blocked_at": moment.isoformat() if moment else None}
