"""`python3 dev.py bench [--quick] [NAME ...]`: measure, print, write docs/performance.md and results.json.

Each measurement has a process of its own and, where it changes what others would read, a database of its own,
copied from the empty one. This process does not touch Django: it would hold connections to what it copies.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from bench import report
from bench.catalogue import EMPTY_DATABASES, FILL, MODULES, OWN_DATABASES
from bench.databases import url_of
from bench.results import Result

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "bench"


def make_database(name: str) -> None:
    """Make a database with the project's empty tables."""
    template = urlsplit(os.environ["DATABASE_URL"]).path.lstrip("/")
    with psycopg.connect(url_of("postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )


def drop_database(name: str) -> None:
    """Drop a database that nobody needs any more."""
    with psycopg.connect(url_of("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def run(name: str, size: str, database: str) -> str:
    """Run one measurement in a process of its own; give what it wrote.

    Errors: `CalledProcessError` when it was stopped by a wrong answer or an error, which it has told.
    """
    done = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-m", "bench.child", name, size],
        env={**os.environ, "DATABASE_URL": url_of(database)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def main() -> int:
    parser = argparse.ArgumentParser(prog="dev.py bench", description="Measure beside other libraries.")
    parser.add_argument(
        "--quick", action="store_true", help="small and short, to see that it works; writes nothing"
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(MODULES)}")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in MODULES]
    if unknown:
        parser.error(f"there is no {unknown[0]!r}; there are: {', '.join(MODULES)}")
    size = "quick" if options.quick else "full"
    names = options.names or [*MODULES]
    if any(name not in OWN_DATABASES for name in names):
        sys.stderr.write("filling the database\n")
        make_database(DATABASE)
        run(FILL, size, DATABASE)
    found: list[Result] = []
    failed = []
    for name in names:
        sys.stderr.write(f"{name} ")
        sys.stderr.flush()
        own = OWN_DATABASES.get(name, ())
        made = (*own, *EMPTY_DATABASES.get(name, ()))
        for database in made:
            make_database(database)
        try:
            result = Result.of_json(json.loads(run(name, size, own[0] if own else DATABASE).splitlines()[-1]))
        except subprocess.CalledProcessError:
            failed.append(name)
        else:
            found.append(result)
            sys.stdout.write(f"\n{report.plain(result)}\n")
            sys.stdout.flush()
        for database in made:
            drop_database(database)
    sys.stdout.write("\n" + report.plain_targets(found))
    if not options.quick:
        report.write(ROOT, found, [*MODULES])
    if failed:
        sys.stderr.write(f"\nnot measured: {', '.join(failed)}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
