"""`dev.py exec` runs a program in the project's environment and gives its exit code."""

import json
import signal
import subprocess
import sys
import time

import psycopg
import pytest

from tests.eventually import eventually
from tests.startup.conftest import Checkout, strangers_environment

SHOW = (
    "import json, os, sys; import faceitbot;"
    "names = ('DATABASE_URL', 'REDIS_URL', 'DJANGO_SETTINGS_MODULE', 'VIRTUAL_ENV');"
    "print(json.dumps([os.getcwd(), sys.prefix, os.environ['PATH'].split(':')[0], faceitbot.__file__,"
    " *(os.environ[name] for name in names)]))"
)


@pytest.mark.parametrize(
    ("script", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 143), ("kill -KILL $$", 137)]
)
def test_its_exit_code_is_the_programs(checkout: Checkout, script: str, code: int) -> None:
    assert checkout.dev("exec", "--", "sh", "-c", script).returncode == code


def test_a_program_that_is_not_there_is_named(checkout: Checkout) -> None:
    done = checkout.dev("exec", "--", "no-such-program")

    assert done.returncode == 127
    assert done.stderr.endswith("dev.py: There is no program no-such-program.\n")


def test_no_program_at_all_is_refused(checkout: Checkout) -> None:
    done = checkout.dev("exec", "--fresh")

    assert done.returncode == 2
    assert done.stderr.endswith("error: say which program: exec [--fresh] -- PROGRAM ...\n")


def test_the_program_finds_the_project_from_any_folder(checkout: Checkout, tmp_path_factory) -> None:
    # given
    script = tmp_path_factory.mktemp("bot") / "bot.py"
    script.write_text(SHOW)

    # when
    done = checkout.dev("exec", "--", "python", str(script))

    # then
    folder, prefix, first_of_path, package, database, redis, settings, venv = json.loads(done.stdout)
    assert folder == str(checkout.folder)
    assert prefix == venv == str(checkout.folder / ".venv")
    assert first_of_path == str(checkout.folder / ".venv" / "bin")
    assert package == str(checkout.folder / "faceitbot" / "__init__.py")
    assert database.startswith("postgresql://faceitbot:")
    assert redis.startswith("redis://:")
    assert settings == "faceitbot.settings"


def test_what_follows_the_dashes_belongs_to_the_program(checkout: Checkout) -> None:
    done = checkout.dev("exec", "--", "echo", "--fresh", "--", "-x")

    assert done.stdout == "--fresh -- -x\n"


@pytest.mark.usefixtures("served")
def test_a_running_server_is_joined(served_checkout: Checkout) -> None:
    # when
    one = json.loads(served_checkout.dev("exec", "--", "python", "-c", SHOW).stdout)
    two = served_checkout.dev("exec", "--", "python", "-c", SHOW)

    # then
    assert json.loads(two.stdout) == one
    assert two.stderr == ""  # nothing was started or migrated
    with psycopg.connect(one[4]) as connection:
        assert connection.execute("SELECT count(*) > 0 FROM django_migrations").fetchone() == (True,)


def test_a_fresh_database_is_empty_and_migrated_and_another_one(checkout: Checkout) -> None:
    # given
    kept = json.loads(checkout.dev("exec", "--", "python", "-c", SHOW).stdout)
    script = (
        "import faceitbot; faceitbot.setup(); from django.contrib.auth.models import User;"
        "print(User.objects.count())\n" + SHOW
    )

    # when
    done = checkout.dev("exec", "--fresh", "--", "python", "-c", script, DATABASE_URL=kept[4])

    # then
    count, shown = done.stdout.splitlines()
    assert count == "0"
    assert json.loads(shown)[4] != kept[4]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(json.loads(shown)[4])  # thrown away


def test_two_at_once_share_the_servers_until_the_last_one_ends(checkout: Checkout) -> None:
    # given
    def start() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, checkout.folder / "dev.py", "exec", "--", "python", "-c", ASK],
            env=strangers_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )

    with start() as first:
        assert first.stdout.readline() == "1\n"
        with start() as second:
            assert second.stdout.readline() == "1\n"

            # when: the one that started the servers wants to end
            first.stdin.write("end\n")
            first.stdin.flush()
            assert first.stdout.readline() == "bye\n"

            # then: they stay up for longer than their stop would take
            until = time.monotonic() + 1
            while time.monotonic() < until:
                second.stdin.write("\n")
                second.stdin.flush()
                assert second.stdout.readline() == "1\n"
            assert first.poll() is None
            second.communicate("end\n")
        eventually(lambda: first.poll() is not None)
    assert (first.returncode, second.returncode) == (0, 0)


ASK = """
import os, sys, psycopg
while True:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        print(*connection.execute("SELECT 1").fetchone(), flush=True)
    if sys.stdin.readline() == "end\\n":
        break
print("bye", flush=True)
"""


def test_a_sigterm_is_passed_on_to_the_program(checkout: Checkout) -> None:
    # given
    with subprocess.Popen(
        [sys.executable, checkout.folder / "dev.py", "exec", "--", "sh", "-c", TRAP],
        env=strangers_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    ) as launcher:
        assert launcher.stdout.readline() == "ready\n"

        # when
        launcher.send_signal(signal.SIGTERM)

        # then
        assert launcher.wait(timeout=30) == 5


TRAP = "trap 'exit 5' TERM; echo ready; while :; do sleep 0.1; done"
