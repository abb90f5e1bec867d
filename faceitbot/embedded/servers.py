"""Both servers together, for one checkout or to be thrown away."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from faceitbot.embedded.accounts import server_account
from faceitbot.embedded.binaries import postgres_folder, valkey_server
from faceitbot.embedded.postgres import postgres
from faceitbot.embedded.state import State, state_folder
from faceitbot.embedded.valkey import valkey

_AS_IT_COMES: Mapping[str, str] = {}


@dataclass(frozen=True)
class Urls:
    """Where the servers are, with their passwords."""

    database: str
    redis: str


@contextmanager
def servers(
    state: State,
    *,
    durable: bool = True,
    tuning: Mapping[str, str] = _AS_IT_COMES,
    use_given: bool = True,
    programs: Path | None = None,
) -> Iterator[Urls]:
    """Run PostgreSQL and Valkey on a state folder that we hold.

    A server whose URL the environment gives (DATABASE_URL, REDIS_URL) is used as it is and not started, if
    `use_given`.
    `tuning` are settings of PostgreSQL.
    `programs` is where copies of the server programs are kept if their account needs copies.
    """
    account = server_account()
    spare = programs or state.folder / "programs"
    given = os.environ if use_given else {}
    database, redis = given.get("DATABASE_URL"), given.get("REDIS_URL")
    with ExitStack() as running:
        if not database:
            found = postgres_folder(account, spare)
            made = postgres(state, found, account, durable=durable, tuning=tuning)
            database = running.enter_context(made)
        if not redis:
            redis = running.enter_context(valkey(state, valkey_server(account, spare), account))
        yield Urls(database, redis)


@contextmanager
def throw_away_servers(
    project: Path,
    *,
    use_given: bool = True,
    durable: bool = False,
    tuning: Mapping[str, str] = _AS_IT_COMES,
) -> Iterator[Urls]:
    """Run empty servers of our own, fast and forgetful unless `durable`, and remove them afterwards."""
    as_root = os.geteuid() == 0
    # Root's TMPDIR may be a place that the servers' account cannot reach.
    with tempfile.TemporaryDirectory(prefix="faceitbot-", dir="/tmp" if as_root else None) as folder:
        programs = State(state_folder(project)).folder / "programs" if as_root else None
        state = State(Path(folder))
        with servers(state, durable=durable, tuning=tuning, use_given=use_given, programs=programs) as urls:
            yield urls
