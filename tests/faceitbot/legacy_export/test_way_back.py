"""A file that was imported comes out again as it went in, by the rules of what becomes of its records."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.faceitbot.legacy.importing import run_import
from tests.faceitbot.legacy_check.old_bot import run, users, verify, write

pytestmark = pytest.mark.django_db

MOSCOW = ZoneInfo("Europe/Moscow")
TABLES = {
    "users": "SELECT * FROM users ORDER BY telegram_id",
    "user_subscriptions": """
        SELECT users.telegram_id, referrer.telegram_id AS referrer, stored.* FROM user_subscriptions AS stored
        JOIN users ON users.id = user_id LEFT JOIN users AS referrer ON referrer.id = referred_by_id
        ORDER BY 1""",
    "grants": """
        SELECT users.telegram_id, grants.* FROM grants JOIN users ON users.id = user_id
        ORDER BY 1, source, starts_at""",
    "referrals": """
        SELECT referee.telegram_id, referrer.telegram_id AS referrer, referrals.* FROM referrals
        JOIN users AS referee ON referee.id = referee_id JOIN users AS referrer ON referrer.id = referrer_id
        ORDER BY 1""",
}
IDS_OF_ROWS = {"id", "user_id", "referred_by_id", "referee_id", "referrer_id"}


def tables() -> dict[str, list[dict[str, Any]]]:
    """Give all that an import writes, without ids of rows and the time of the last change."""
    found = {}
    with connection.cursor() as cursor:
        for name, query in TABLES.items():
            cursor.execute(query)
            columns = [column.name for column in cursor.description]
            found[name] = [
                {
                    column: value
                    for column, value in zip(columns, row, strict=True)
                    if column not in IDS_OF_ROWS and column != "updated_at"
                }
                for row in cursor.fetchall()
            ]
    return found


def empty() -> None:
    """Forget all users; the rows of money and access refuse that, unless their triggers are off."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name in ("referrals", "grants", "user_subscriptions", "user_activity", "users"):
            cursor.execute(f"DELETE FROM {name}")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def back_and_forth(path: Path) -> list[dict[str, Any]]:
    """Import, export, import into an empty database; the tables agree. Give the users of the export."""
    assert run_import(path).code in (0, 1)
    imported = tables()
    out = path.with_name("back.json")
    assert run("export_legacy", out, "--force").code == 0
    empty()
    if imported["users"]:
        assert run_import(out).code == 0
        assert tables() == imported
        assert verify(out).code == 0
    exported: list[dict[str, Any]] = json.loads(out.read_text(encoding="utf-8"))["users"]
    return exported


class Said(NamedTuple):
    """A value as it stands in the file, and as it has to come out again."""

    before: Any
    after: Any


def same(*values: Any) -> list[Said]:
    return [Said(value, value) for value in values]


def clear(moment: datetime) -> bool:
    """Whether an hour of Moscow's came once only, as the old bot's times without an offset suppose."""
    return moment.replace(tzinfo=MOSCOW).astimezone(UTC).astimezone(MOSCOW).replace(tzinfo=None) == moment


def moments(first: datetime, last: datetime) -> st.SearchStrategy[Said]:
    """Give moments in each spelling; they come out in local time."""
    local = st.datetimes(first, last).filter(clear)
    plain = local.map(lambda moment: Said(moment.isoformat(), moment.isoformat()))
    other = local.map(
        lambda moment: Said(
            moment.replace(tzinfo=MOSCOW).astimezone(UTC).isoformat().replace("+00:00", "Z"),
            moment.isoformat(),
        )
    )
    number = local.map(lambda moment: moment.replace(microsecond=0)).map(
        lambda moment: Said(int(moment.replace(tzinfo=MOSCOW).timestamp()), moment.isoformat())
    )
    return st.one_of(plain, other, number)


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=64)
EMPTY = st.sampled_from(
    [Said(None, None), Said("", None), Said("x" * 65, None), Said(5, None), Said("\x00", None)]
)
PAST = moments(datetime(2020, 1, 1), datetime(2026, 10, 30))
UNREADABLE = st.sampled_from([Said("2025-13-45", None), Said(True, None), Said("2999-01-01", None)])
COUNTS = st.one_of(
    st.integers(0, 10**9).map(lambda n: Said(n, n)),
    st.sampled_from([Said(-3, 0), Said("7", 0), Said(None, 0), Said(2.5, 0)]),
)


def texts() -> st.SearchStrategy[Said]:
    kept = TEXTS.map(lambda text: Said(text, text))
    cleaned = st.text("abc", min_size=1, max_size=9).map(lambda text: Said(f"\x07{text}\n", text))
    return st.one_of(kept, cleaned, EMPTY)


def days() -> st.SearchStrategy[Said]:
    def said(day: date) -> Said:
        return Said(day.isoformat(), f"{day}T00:00:00")

    written = st.dates(date(2020, 1, 1), date(2026, 10, 30)).map(said)
    within = PAST.map(lambda moment: Said(moment.before, f"{moment.after[:10]}T00:00:00"))
    return st.one_of(written, within, st.just(Said(None, None)), UNREADABLE)


PAID = st.builds(
    lambda tier, end: (Said(tier, tier.strip().lower()), end),
    st.sampled_from(["premium", "pro", "PRO", " Premium "]),
    st.one_of(st.just(Said(None, None)), moments(datetime(2020, 1, 1), datetime(2030, 1, 1))),
)
FREE = st.sampled_from(
    [
        (Said("free", "free"), Said(None, None)),
        (Said("FREE", "free"), Said("2027-01-01T00:00:00", None)),
        (Said("platinum", "free"), Said("2027-01-01T00:00:00", None)),
        (Said("pro", "free"), Said("2025-13-45", None)),
    ]
)
SUBSCRIPTIONS = st.fixed_dictionaries(
    {
        "access": st.one_of(PAID, FREE),
        "auto_renew": st.sampled_from([*same(True, False), Said("yes", False), Said(None, False)]),
        "payment_method": st.sampled_from(
            [*same(None, "telegram_stars"), Said("", None), Said("m" * 33, None)]
        ),
        "daily_requests": COUNTS,
        "last_reset_date": days(),
        "referral_code": st.booleans(),
        "referred_by": st.integers(0, 9),
    }
)
RECORDS = st.fixed_dictionaries(
    {
        "faceit_player_id": st.booleans(),
        "faceit_nickname": texts(),
        "last_checked_match_id": texts(),
        "waiting_for_nickname": st.sampled_from([*same(True, False), Said(1, False), Said(None, False)]),
        "language": st.sampled_from([*same("ru", "en", "uk"), Said("", "ru"), Said("de-AT-x-long", "ru")]),
        "notifications_enabled": st.sampled_from([*same(True, False), Said("no", True), Said(None, True)]),
        "created_at": PAST,
        "last_active_at": st.one_of(PAST, UNREADABLE, st.just(Said(None, None))),
        "total_requests": COUNTS,
        "subscription": st.one_of(SUBSCRIPTIONS, st.sampled_from([None, "free", []])),
    }
)
FREE_RECORD = {
    "tier": "free",
    "expires_at": None,
    "auto_renew": False,
    "payment_method": None,
    "daily_requests": 0,
    "last_reset_date": None,
    "referred_by": None,
    "referral_code": None,
}


def file_and_export(drawn: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """Give the records of the file, and those that have to come out."""
    before, after, codes = [], [], 0
    for number, values in enumerate(drawn, 1):
        plain = {name: value for name, value in values.items() if isinstance(value, Said)}
        linked = f"player-{number}" if values["faceit_player_id"] else None
        record = {name: said.before for name, said in plain.items()}
        out = {name: said.after for name, said in plain.items()}
        access = values["subscription"]
        if isinstance(access, dict):
            tier, end = access["access"]
            code = f"CODE{number}" if access["referral_code"] else None
            codes += code is not None
            referrer = access["referred_by"] or None
            known = referrer if referrer != number and referrer and referrer <= len(drawn) else None
            plain = {name: value for name, value in access.items() if isinstance(value, Said)}
            plain |= {"tier": tier, "expires_at": end, "referral_code": Said(code, code)}
            plain |= {"referred_by": Said(referrer, known)}
            access = {name: said.before for name, said in plain.items()} | {"referrals_count": 5, "extra": 1}
            kept = {name: said.after for name, said in plain.items()}
        else:
            kept = dict(FREE_RECORD)
        before.append({"user_id": number, **record, "faceit_player_id": linked, "subscription": access})
        after.append({"user_id": number, **out, "faceit_player_id": linked, "subscription": kept})
    for record in after:
        referred = [one for one in after if one["subscription"]["referred_by"] == record["user_id"]]
        record["subscription"]["referrals_count"] = len(referred)
    return before, after


@pytest.mark.proof("way_back")
def test_whatever_the_file_says_comes_out_by_its_rules(tmp_path: Path, full_size: bool):
    @settings(
        max_examples=200 if full_size else 12,
        deadline=None,
        phases=settings().phases if full_size else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(RECORDS, min_size=1, max_size=6))
    def check(drawn: list[dict[str, Any]]) -> None:
        before, after = file_and_export(drawn)
        with transaction.atomic():
            exported = back_and_forth(write(tmp_path / "data.json", before))
            transaction.set_rollback(True)
        assert exported == after

    check()


@pytest.mark.proof("way_back")
def test_many_users_come_back_as_they_were(tmp_path: Path, full_size: bool, report: Callable[[str], None]):
    count = 20_000 if full_size else 300
    path = write(tmp_path / "data.json", users(count))

    exported = back_and_forth(path)

    assert len(exported) == count
    report(f"{count} users: import, export, import: the tables are equal")


@pytest.mark.parametrize("name", ["A0", "A1", "A2", "A3", "B", "C", "bom", "dirty"])
def test_each_sample_comes_back(samples: Path, tmp_path: Path, name: str):
    path = tmp_path / f"{name}.json"
    path.write_bytes((samples / f"{name}.json").read_bytes())

    assert back_and_forth(path)


def test_an_exported_file_has_the_shape_of_the_old_bots(tmp_path: Path):
    path = write(tmp_path / "data.json", users(40))

    exported = back_and_forth(path)

    given_in = list(users(40))
    assert [list(record) for record in exported] == [list(record) for record in given_in]
    assert [list(one["subscription"]) for one in exported] == [list(one["subscription"]) for one in given_in]
    out = json.loads(path.with_name("back.json").read_text(encoding="utf-8"))
    assert out["analytics"] == {"total_users": 40, "daily_stats": {}}


def test_an_hour_that_comes_twice_is_written_with_its_offset(tmp_path: Path):
    first = datetime(2025, 10, 26, 0, 30, tzinfo=UTC)  # half past two in Berlin, twice
    records = [
        {"user_id": number, "created_at": (first + timedelta(hours=number - 1)).isoformat()}
        for number in (1, 2)
    ]
    run_import(write(tmp_path / "data.json", records))
    before = tables()

    run("export_legacy", tmp_path / "back.json", "--naive-tz", "Europe/Berlin")

    written = [one["created_at"] for one in json.loads((tmp_path / "back.json").read_text())["users"]]
    assert written == ["2025-10-26T02:30:00", "2025-10-26T02:30:00+01:00"]
    empty()
    run_import(tmp_path / "back.json", "--naive-tz", "Europe/Berlin")
    assert tables() == before
