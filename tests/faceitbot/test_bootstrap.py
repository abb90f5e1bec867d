"""`faceitbot.setup()` in a process of its own, as a bot calls it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def run(code, folder, **environment):
    """Run code as a script in a folder of its own, with the project importable."""
    script = folder / "bot.py"
    script.write_text(code, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_importing_faceitbot_needs_neither_settings_nor_django(tmp_path):
    result = run(
        "import sys, faceitbot\n"
        "print(faceitbot.__version__)\n"
        "assert not [name for name in sys.modules if name.split('.')[0] == 'django']",
        tmp_path,
        DJANGO_SETTINGS_MODULE="",
        SECRET_KEY="",
    )

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.strip() in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_full_collections_spare_what_is_loaded(tmp_path):
    """Else each of them holds up the event loop for tens of milliseconds."""
    result = run(
        "import gc, faceitbot\nfaceitbot.setup()\nprint(gc.get_freeze_count(), len(gc.get_objects()))",
        tmp_path,
    )

    spared, visited = map(int, result.stdout.split())
    assert spared > 100_000
    assert visited < spared / 20


def test_setting_up_twice_makes_the_repositories_importable(tmp_path):
    result = run(
        "import faceitbot\nfaceitbot.setup()\nfaceitbot.setup()\n"
        "from users.repositories import UserRepository\nprint(UserRepository.__name__)",
        tmp_path,
    )

    assert (result.stderr, result.stdout) == ("", "UserRepository\n")


def test_closing_gives_every_connection_back_and_the_next_call_opens_new_ones(tmp_path):
    result = run(
        "import asyncio, threading, faceitbot\nfaceitbot.setup()\n"
        "from django.db import connection\n"
        "from faceitbot.core.transactions import atomically\n"
        "def ask():\n"
        "    with connection.cursor() as cursor:\n"
        "        cursor.execute('SELECT 1')\n"
        "        return cursor.fetchone()[0]\n"
        "async def main():\n"
        "    assert await atomically(ask) == 1\n"
        "    await faceitbot.close()\n"
        "    left = [t.name for t in threading.enumerate() if t.name.startswith(('faceitbot-t', 'pool'))]\n"
        "    assert left == [], left\n"
        "    assert await atomically(ask) == 1\n"
        "    await faceitbot.close()\n"
        "asyncio.run(main())\nprint('closed')",
        tmp_path,
    )

    assert (result.stderr, result.stdout) == ("", "closed\n")


def test_a_module_of_the_bot_that_hides_a_package_is_named(tmp_path):
    (tmp_path / "users.py").write_text("NAMES = []\n")

    result = run("import faceitbot\nfaceitbot.setup()", tmp_path)

    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith(
        f"ImportError: {tmp_path / 'users.py'} hides faceitbot's package 'users': rename it"
    )


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("SECRET_KEY", "", "SECRET_KEY is not set"),
        ("DATABASE_URL", "mysql://localhost/x", "DATABASE_URL: it does not begin with postgres://"),
        ("TRANSACTION_THREADS", "many", "TRANSACTION_THREADS: 'many' is not a whole number from 1 to 200"),
    ],
)
def test_wrong_settings_stop_the_bot_with_a_sentence(tmp_path, variable, value, sentence):
    result = run("import faceitbot\nfaceitbot.setup()", tmp_path, **{variable: value})

    assert result.returncode == 1
    assert sentence in result.stderr.strip().splitlines()[-1]
