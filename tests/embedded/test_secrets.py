"""Passwords stand in files that only their owner reads, and nowhere else."""

import stat
from pathlib import Path

import psycopg
import pytest
import redis

from faceitbot.embedded import State
from tests.embedded.conftest import embedded


def command_lines() -> str:
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().decode(errors="replace").replace("\0", " "))
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
    return "\n".join(lines)


def test_no_list_of_processes_shows_a_password(state: State) -> None:
    with embedded(state):
        lines = command_lines()

    assert str(state.folder) in lines
    assert state.secret("postgres.password") not in lines
    assert state.secret("valkey.password") not in lines


def test_secrets_are_readable_by_their_owner_only(state: State) -> None:
    with embedded(state):
        state.secret("secret_key")

    for name in ("postgres.password", "valkey.password", "secret_key", "lock"):
        if (state.folder / name).exists():
            assert stat.S_IMODE((state.folder / name).stat().st_mode) == 0o600, name
    for name in ("postgres", "valkey"):
        assert stat.S_IMODE((state.folder / name).stat().st_mode) == 0o700, name
    assert not list(state.folder.rglob("initdb.password"))


def test_a_secret_is_made_once(state: State) -> None:
    made = state.secret("secret_key")

    assert len(made) == 64
    assert State(state.folder).secret("secret_key") == made
    assert state.secret("another", length=16) != made[:16]


def test_a_wrong_password_opens_neither_server(state: State) -> None:
    with embedded(state) as urls:
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(urls.database.replace(state.secret("postgres.password"), "wrong"))
        with pytest.raises(redis.AuthenticationError):
            redis.Redis.from_url(urls.redis.replace(state.secret("valkey.password"), "wrong")).ping()


def test_two_checkouts_run_side_by_side_and_cannot_open_each_other(folder: Path) -> None:
    # given
    one, other = State(folder / "one"), State(folder / "other")

    # when
    with embedded(one) as first, embedded(other) as second:
        # then
        assert first.database != second.database
        assert first.redis != second.redis
        with psycopg.connect(first.database, autocommit=True) as connection:
            connection.execute("CREATE TABLE of_one ()")
        with psycopg.connect(second.database) as connection:
            assert connection.execute("SELECT to_regclass('of_one')").fetchone() == (None,)
        mixed = second.database.replace(other.secret("postgres.password"), one.secret("postgres.password"))
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(mixed)
