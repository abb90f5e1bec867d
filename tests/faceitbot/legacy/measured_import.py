"""A child process that brings a file in, and says what it took: seconds, work, memory.

    python -m tests.faceitbot.legacy.measured_import (import|bulk_create) FILE

`bulk_create` is what one would write without the importer: the file is read whole, users and access are
validated and upserted by Django. It makes no grants and no referrals, and one bad value ends it.
"""

import json
import os
import sys
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import django
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction

BATCH = 2_000
MOSCOW = ZoneInfo("Europe/Moscow")
USER_COLUMNS = [
    "faceit_player_id",
    "faceit_nickname",
    "last_checked_match_id",
    "waiting_for_nickname",
    "language",
    "notifications_enabled",
    "total_requests",
]
SUBSCRIPTION_COLUMNS = ["auto_renew", "daily_requests", "referral_code"]


def bulk_create(path: str) -> None:
    User: Any = apps.get_model("users.User")  # noqa: N806 - a class
    UserSubscription: Any = apps.get_model("subscriptions.UserSubscription")  # noqa: N806 - a class
    records = json.loads(Path(path).read_bytes())["users"]
    for start in range(0, len(records), BATCH):
        part = records[start : start + BATCH]
        with transaction.atomic():
            users = [
                User(
                    telegram_id=record["user_id"],
                    created_at=_moment(record["created_at"]),
                    last_active_at=_moment(record["last_active_at"]),
                    **{name: record[name] for name in USER_COLUMNS},
                )
                for record in part
            ]
            for user in users:
                user.clean_fields()
            User.objects.bulk_create(
                users,
                update_conflicts=True,
                unique_fields=["telegram_id"],
                update_fields=[*USER_COLUMNS, "created_at", "last_active_at", "updated_at"],
            )
            ids = dict(
                User.objects.filter(telegram_id__in=[record["user_id"] for record in part]).values_list(
                    "telegram_id", "id"
                )
            )
            rows = [
                UserSubscription(user_id=ids[record["user_id"]], **_access(record["subscription"]))
                for record in part
            ]
            for row in rows:
                row.clean_fields(exclude=["user"])
            UserSubscription.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["user"],
                update_fields=[
                    "tier",
                    "expires_at",
                    "payment_method",
                    "last_reset_date",
                    *SUBSCRIPTION_COLUMNS,
                ],
            )


def _access(record: dict[str, Any]) -> dict[str, Any]:
    day = _moment(record["last_reset_date"])
    return {
        "tier": record["tier"].lower(),
        "expires_at": _moment(record["expires_at"]),
        "payment_method": record["payment_method"] or "",
        "last_reset_date": day.date() if day else None,
        **{name: record[name] for name in SUBSCRIPTION_COLUMNS},
    }


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW) if text else None


def main(how: str, path: str) -> None:
    django.setup()
    began = time.perf_counter()
    if how == "import":
        with suppress(SystemExit):
            call_command("import_legacy", path, as_of="2026-11-01T00:00Z", stdout=sys.stderr)
    else:
        bulk_create(path)
    seconds = time.perf_counter() - began
    sys.stdout.write(f"{seconds} {time.process_time()} {_server_seconds()} {peak_mebibytes()}\n")


def _server_seconds() -> float:
    """Give the processor time of the server's process for this connection, which runs on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    user, system = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def peak_mebibytes() -> float:
    """Give the most memory since the program began; `getrusage` would give the parent's, if that is more."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
