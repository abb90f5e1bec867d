"""People use the new bot while an import runs: what they do is kept, in whatever order it comes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection

from faceitbot.core.errors import Conflict
from subscriptions import importing as access_importing
from subscriptions.imported_subscription import ImportedSubscription
from subscriptions.importing import ImportedSubscriptions, write_imported_subscriptions
from subscriptions.models import Grant, UserSubscription
from tests.factories import UserFactory
from users import importing
from users.imported_user import ImportedUser
from users.importing import ImportedUsers, upsert_imported_users
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


def imported(telegram_id: int, faceit_player_id: str | None = None) -> ImportedUser:
    return ImportedUser(telegram_id, faceit_player_id, None, None, False, "kk", True, 5, LONG_AGO, None)


@contextmanager
def before_each(statement: str, act: Callable[[], Any]) -> Iterator[None]:
    """Act on another connection, committed, just before the import sends the statement."""

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if statement in sql:
            act()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield


@pytest.fixture
def elsewhere() -> Iterator[Callable[..., None]]:
    """Run SQL as somebody else does: on a connection of its own, committed at once."""
    other = connection.copy()

    def execute(sql: str, *values: Any) -> None:
        with other.cursor() as cursor:
            cursor.execute(sql, values)

    yield execute
    other.close()


def test_an_account_that_is_linked_between_look_and_write_stays_with_who_linked_it(elsewhere):
    UserFactory(telegram_id=9, faceit_player_id=None, updated_at=LONG_AGO)

    def link() -> None:
        elsewhere("UPDATE users SET faceit_player_id = 'p' WHERE telegram_id = 9")

    with before_each("INSERT INTO users ", link):
        result = upsert_imported_users([imported(7, "p"), imported(8)], AS_OF)

    assert (len(result.created_ids), result.unlinked) == (2, [7])
    assert dict(User.objects.values_list("telegram_id", "faceit_player_id")) == {7: None, 8: None, 9: "p"}


def test_without_another_try_the_same_race_is_lost(elsewhere, monkeypatch):
    monkeypatch.setattr(importing, "_RACES", 1)
    UserFactory(telegram_id=9, faceit_player_id=None, updated_at=LONG_AGO)

    def link() -> None:
        elsewhere("UPDATE users SET faceit_player_id = 'p' WHERE telegram_id = 9")

    with before_each("INSERT INTO users ", link), pytest.raises(Conflict) as lost:
        upsert_imported_users([imported(7, "p"), imported(8)], AS_OF)

    assert isinstance(lost.value.__cause__, IntegrityError)
    assert [user.telegram_id for user in User.objects.all()] == [9]


@pytest.mark.parametrize("moment", ["SELECT count(*) FROM (", "DELETE FROM imported_users"])
def test_a_change_in_mid_import_is_kept(elsewhere, moment):
    UserFactory(telegram_id=7, language="ru", total_requests=1, updated_at=LONG_AGO)

    def use_the_bot() -> None:
        elsewhere("UPDATE users SET total_requests = 2, updated_at = clock_timestamp() WHERE telegram_id = 7")

    with before_each(moment, use_the_bot):
        result = upsert_imported_users([imported(7)], AS_OF)

    assert result == ImportedUsers(newer=1)
    user = User.objects.get()
    assert (user.language, user.total_requests) == ("ru", 2)


def test_somebody_who_registers_in_mid_import_stays_as_he_registered(elsewhere):
    def register() -> None:
        elsewhere(
            "INSERT INTO users SELECT (jsonb_populate_record(NULL::users, %s)).* ON CONFLICT DO NOTHING",
            '{"id": "7d44c3c1-0000-4000-8000-000000000007", "telegram_id": 7, "language": "ru",'
            ' "waiting_for_nickname": false, "notifications_enabled": true, "total_requests": 0,'
            ' "created_at": "2026-11-02T00:00Z", "updated_at": "2026-11-02T00:00Z"}',
        )

    with before_each("INSERT INTO users ", register):
        result = upsert_imported_users([imported(7), imported(8)], AS_OF)

    assert (len(result.created_ids), result.newer) == (1, 1)
    assert dict(User.objects.values_list("telegram_id", "language")) == {7: "ru", 8: "kk"}


# ---- access


def access(telegram_id: int, **values: Any) -> ImportedSubscription:
    return ImportedSubscription(telegram_id, **values)


def import_access(*subscriptions: ImportedSubscription) -> ImportedSubscriptions:
    """Import users with their access, as a batch does."""
    written = ImportedSubscriptions()

    def write(*, all_new: bool) -> None:
        nonlocal written
        written = write_imported_subscriptions(subscriptions, AS_OF, all_new=all_new)

    upsert_imported_users([imported(one.telegram_id) for one in subscriptions], AS_OF, write)
    return written


def test_a_request_in_mid_import_is_counted(elsewhere):
    import_access(access(7, daily_requests=3, last_reset_date=LONG_AGO.date()))

    def use_the_bot() -> None:
        elsewhere("UPDATE user_subscriptions SET daily_requests = 9, last_reset_date = '2026-11-02'")

    with before_each("SELECT FROM user_subscriptions AS stored", use_the_bot):
        import_access(access(7, daily_requests=4, last_reset_date=LONG_AGO.date()), access(8))

    row = UserSubscription.objects.get(user__telegram_id=7)
    assert (row.daily_requests, row.last_reset_date) == (9, date(2026, 11, 2))


def test_a_code_that_is_drawn_in_mid_import_stays_with_who_drew_it(elsewhere):
    import_access(access(9))

    def draw() -> None:
        elsewhere(
            "UPDATE user_subscriptions SET referral_code = 'CODE' FROM users"
            " WHERE users.id = user_id AND telegram_id = 9"
        )

    with before_each("INSERT INTO user_subscriptions AS stored", draw):
        result = import_access(access(7, referral_code="CODE", tier="pro"), access(8, referral_code="OTHER"))

    assert (result.without_code, result.grants) == ([7], 1)
    codes = UserSubscription.objects.values_list("user__telegram_id", "referral_code")
    assert dict(codes) == {7: None, 8: "OTHER", 9: "CODE"}


REGISTER_AND_BUY = """
WITH person AS (
    INSERT INTO users SELECT (jsonb_populate_record(NULL::users, jsonb_build_object(
        'id', gen_random_uuid(), 'telegram_id', 7, 'language', 'ru', 'waiting_for_nickname', false,
        'notifications_enabled', true, 'total_requests', 0, 'created_at', now(), 'updated_at', now()))).*
    RETURNING id
), row AS (
    INSERT INTO user_subscriptions SELECT (jsonb_populate_record(NULL::user_subscriptions, jsonb_build_object(
        'id', gen_random_uuid(), 'user_id', id, 'tier', 'premium', 'expires_at', now() + interval '9 days',
        'auto_renew', false, 'payment_method', '', 'daily_requests', 0, 'referrals_count', 0,
        'created_at', now(), 'updated_at', now()))).* FROM person
)
INSERT INTO grants SELECT (jsonb_populate_record(NULL::grants, jsonb_build_object(
    'id', gen_random_uuid(), 'user_id', id, 'tier', 'premium', 'starts_at', now(),
    'duration', interval '9 days', 'source', 'payment', 'reason', '', 'created_at', now(),
    'revoke_reason', ''))).* FROM person
"""


def test_who_registers_and_buys_in_mid_import_has_what_both_come_to(elsewhere):
    """Nobody was there when the batch began; by its end nobody may be taken for new."""
    with before_each("INSERT INTO users ", lambda: elsewhere(REGISTER_AND_BUY)):
        result = import_access(access(7, tier="pro"), access(8, tier="pro"))

    assert result.grants == 2
    assert access_of_all() == {7: ("pro", None), 8: ("pro", None)}


def test_who_is_taken_for_new_keeps_only_what_he_bought(elsewhere, monkeypatch):
    """The control of the one before."""
    real = write_imported_subscriptions
    monkeypatch.setattr(
        "tests.faceitbot.legacy.test_live_writes.write_imported_subscriptions",
        lambda rows, as_of, *, all_new: real(rows, as_of, all_new=True),
    )

    with before_each("INSERT INTO users ", lambda: elsewhere(REGISTER_AND_BUY)):
        import_access(access(7, tier="pro"), access(8, tier="pro"))

    assert access_of_all()[7][0] == "premium"


def access_of_all() -> dict[int | None, tuple[str, datetime | None]]:
    rows = UserSubscription.objects.values_list("user__telegram_id", "tier", "expires_at")
    return {telegram_id: (tier, expires_at) for telegram_id, tier, expires_at in rows}


def test_who_is_erased_in_mid_import_gets_nothing(elsewhere):
    import_access(access(7))

    def erase() -> None:
        elsewhere("UPDATE users SET telegram_id = NULL, erased_at = now() WHERE telegram_id = 7")

    with before_each("SELECT FROM users JOIN imported_subscriptions", erase):
        result = import_access(access(7, tier="pro", referral_code="CODE"), access(8, tier="pro"))

    assert result.grants == 1
    assert Grant.objects.get().user.telegram_id == 8
    assert UserSubscription.objects.get(user__telegram_id=None).referral_code is None


def test_without_the_share_of_the_user_the_erased_would_get_access(elsewhere, monkeypatch):
    monkeypatch.setattr(access_importing, "_SHARE_USERS", "SELECT")
    import_access(access(7))

    def erase() -> None:
        elsewhere("UPDATE users SET telegram_id = NULL, erased_at = now() WHERE telegram_id = 7")

    with before_each("SELECT FROM user_subscriptions AS stored", erase):
        import_access(access(7, tier="pro"))

    assert Grant.objects.get().user.telegram_id is None


def test_access_that_is_given_in_mid_import_counts_along(elsewhere):
    import_access(access(7))

    def give() -> None:
        elsewhere(
            "INSERT INTO grants (id, user_id, tier, starts_at, source, reason, created_at, revoke_reason)"
            " SELECT gen_random_uuid(), id, 'pro', now(), 'payment', '', now(), '' FROM users"
        )

    with before_each("INSERT INTO grants", give):
        import_access(access(7, tier="premium"))

    assert UserSubscription.objects.get().tier == "pro"
