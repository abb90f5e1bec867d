"""Numbered system checks: what is wrong with the settings or the database, and what to do about it."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import django
from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import OperationalError, connections

from faceitbot.core.statements.compiled import WRITTEN_FOR
from faceitbot.env import Problem

Apps = Sequence[AppConfig] | None
OLDEST_POSTGRESQL = 150_000
_LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "testserver"}


@register()
def check_environment(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """E001: a variable of the environment cannot be used."""
    problems: list[Problem] = settings.ENVIRONMENT_PROBLEMS
    return [Error(f"{p.variable}: {p.why}.", hint=p.hint, id="faceitbot.E001") for p in problems]


@register()
def check_time_zone(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """E002: the zone whose calendar decides days is unknown."""
    if settings.BOT_TIME_ZONE in available_timezones():
        ZoneInfo(settings.BOT_TIME_ZONE)
        return []
    return [
        Error(
            f"BOT_TIME_ZONE: {settings.BOT_TIME_ZONE!r} is not a time zone.",
            hint="Write a name of the IANA database, such as Europe/Moscow.",
            id="faceitbot.E002",
        )
    ]


@register()
def check_waits(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """E003: a statement may outlive the transaction around it, so the watchdog would cut healthy ones."""
    if settings.DATABASE_STATEMENT_SECONDS <= settings.TRANSACTION_BODY_SECONDS:
        return []
    return [
        Error(
            "DATABASE_STATEMENT_SECONDS is longer than TRANSACTION_BODY_SECONDS.",
            hint="A statement must end before the transaction around it is cut off.",
            id="faceitbot.E003",
        )
    ]


@register()
def check_django(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """W009: hot methods rest on parts of Django that another version may have changed."""
    if django.VERSION[:2] == WRITTEN_FOR:
        return []
    written_for = ".".join(map(str, WRITTEN_FOR))
    return [
        checks.Warning(
            f"Django is {django.get_version()}; the hot methods are written for {written_for}.",
            hint="Run tests/repositories/test_hot_methods.py with it, and change WRITTEN_FOR once it passes.",
            id="faceitbot.W009",
        )
    ]


@register(Tags.security, deploy=True)
def check_https(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """W004: staff passwords would cross the network in clear text."""
    if settings.HTTPS or set(settings.ALLOWED_HOSTS) <= _LOOPBACK:
        return []
    return [
        checks.Warning(
            "HTTPS is false, and ALLOWED_HOSTS names other machines.",
            hint="Set HTTPS=true, and BEHIND_PROXY=true when a proxy speaks HTTPS for this process.",
            id="faceitbot.W004",
        )
    ]


@register(Tags.security, deploy=True)
def check_second_factor(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """W008: a password alone opens the accounts that move money."""
    if settings.STAFF_TOTP:
        return []
    return [
        checks.Warning(
            "STAFF_TOTP is false: a stolen password is enough to give money back.",
            hint="Set STAFF_TOTP=true; whoever needs a second factor sets it up at the next login.",
            id="faceitbot.W008",
        )
    ]


@register(Tags.database)
def check_database(app_configs: Apps, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """E005: PostgreSQL is too old; E006: it cannot lower Cyrillic, so nicknames would not be found;
    E007: it does not answer.
    """
    found: list[CheckMessage] = []
    if settings.ENVIRONMENT_PROBLEMS:
        return found  # a placeholder may stand in for the database
    for alias in databases or []:
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT current_setting('server_version_num')::int, lower('Ж') = 'ж'")
                version, lowers_cyrillic = cursor.fetchone()
        except OperationalError:
            where = "{HOST}:{PORT}".format(**settings.DATABASES[alias])
            found.append(
                Error(
                    f"PostgreSQL does not answer at {where}.",
                    hint="See whether it runs, and whether DATABASE_URL names it with its user and password.",
                    id="faceitbot.E007",
                )
            )
            continue
        if version < OLDEST_POSTGRESQL:
            found.append(
                Error("PostgreSQL is older than 15.", hint="Use PostgreSQL 15 or newer.", id="faceitbot.E005")
            )
        if not lowers_cyrillic:
            found.append(
                Error(
                    "The database's locale does not know Cyrillic: lower('Ж') is not 'ж'.",
                    hint="Create the database with a UTF-8 locale, such as the builtin C.UTF-8.",
                    id="faceitbot.E006",
                )
            )
    return found
