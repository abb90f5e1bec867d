"""A port that somebody else has taken is left to him."""

import shlex
import socket
from pathlib import Path

import psycopg
import pytest
import redis

from faceitbot.embedded import State
from faceitbot.embedded.accounts import server_account
from faceitbot.embedded.binaries import postgres_folder
from tests.embedded.conftest import embedded


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2].partition("/")[0])


def test_the_ports_stay_the_same_from_start_to_start(state: State) -> None:
    with embedded(state) as urls:
        first = urls
    with embedded(state) as urls:
        second = urls

    assert second == first


def test_a_remembered_port_that_a_stranger_has_taken_is_replaced(state: State) -> None:
    # given
    with embedded(state) as urls:
        before = urls
    with socket.create_server(("127.0.0.1", port_of(before.database))) as one:
        with socket.create_server(("127.0.0.1", port_of(before.redis))) as other:
            # when
            with embedded(state) as urls:
                # then
                assert port_of(urls.database) != one.getsockname()[1]
                assert port_of(urls.redis) != other.getsockname()[1]
                with psycopg.connect(urls.database) as connection:
                    assert connection.execute("SELECT 1").fetchone() == (1,)
                assert redis.Redis.from_url(urls.redis).ping() is True


def test_a_strangers_postgresql_on_the_remembered_port_is_not_taken_for_ours(folder: Path) -> None:
    # given
    ours, stranger = State(folder / "ours"), State(folder / "stranger")
    with embedded(ours) as urls, psycopg.connect(urls.database, autocommit=True) as connection:
        connection.execute("CREATE TABLE ours ()")
    with embedded(stranger) as strange:
        ours.remember_port("postgres", port_of(strange.database))
        ours.remember_port("valkey", port_of(strange.redis))

        # when
        with embedded(ours) as urls:
            # then
            assert port_of(urls.database) != port_of(strange.database)
            assert port_of(urls.redis) != port_of(strange.redis)
            with psycopg.connect(urls.database) as connection:
                assert connection.execute("SELECT to_regclass('ours')::text").fetchone() == ("ours",)


def test_a_port_taken_between_the_look_and_the_start_is_tried_again(
    state: State, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: a PostgreSQL whose first start as a server finds its port taken
    real = postgres_folder(server_account(), folder / "programs")
    programs, once = folder / "bin", folder / "once"
    programs.mkdir()
    once.mkdir()
    once.chmod(0o777)
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        taken = stranger.getsockname()[1]
        (programs / "initdb").symlink_to(real / "initdb")
        (programs / "postgres").write_text(
            "#!/bin/sh\n"
            f'case "$*" in *listen_addresses*) rmdir {shlex.quote(str(once))}/first 2>/dev/null && '
            f'exec {shlex.quote(str(real / "postgres"))} "$@" -p {taken};; esac\n'
            f'exec {shlex.quote(str(real / "postgres"))} "$@"\n'
        )
        (programs / "postgres").chmod(0o755)
        (once / "first").mkdir()
        monkeypatch.setenv("FACEITBOT_PG_BIN", str(programs))

        # when
        with embedded(state) as urls, psycopg.connect(urls.database) as connection:
            answer = connection.execute("SELECT 1").fetchone()

    # then
    assert not (once / "first").exists()
    assert answer == (1,)
    assert port_of(urls.database) != taken
