"""Settings: documented, safe by default, and wrong ones named by numbered checks."""

import os
import re
import subprocess
import sys
from pathlib import Path

import django
import pytest
from django.core.checks import run_checks

from faceitbot import checks
from faceitbot.env import Environment, Problem

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")


def test_every_variable_is_documented_and_every_documented_one_is_read():
    source = (ROOT / "faceitbot" / "settings.py").read_text(encoding="utf-8")

    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source))
    documented = re.findall(r"(?m)^([A-Z_]+)=", EXAMPLE)

    assert sorted(read) == sorted(documented)


def test_the_documented_defaults_are_the_real_ones(tmp_path):
    """Settings made from the example alone equal those made from the required variables alone."""
    required = ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS")
    example = dict(re.findall(r"(?m)^([A-Z_]+)=(.*)$", EXAMPLE))
    code = (
        "from faceitbot import settings\n"
        "left_out = {'LOGGING', 'UNFOLD'}  # hold functions\n"
        "print({n: str(v) for n, v in vars(settings).items() if n.isupper() and n not in left_out})"
    )

    def shown(environment):
        return subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **environment},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert shown(example) == shown({name: example[name] for name in required})


def run_manage(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_example_is_fit_for_production():
    example = dict(re.findall(r"(?m)^([A-Z_]+)=(.*)$", EXAMPLE))

    result = run_manage("check", "--deploy", "--fail-level", "WARNING", **example)

    assert (result.returncode, result.stderr) == (0, "")


def test_all_wrong_variables_are_named_at_once_with_hints():
    result = run_manage(
        "check",
        DEBUG="perhaps",
        REDIS_URL="",
        LOG_FORMAT="xml",
        TRANSACTION_THREADS="0",
        BOT_TIME_ZONE="Moon/Base",
    )

    assert result.returncode == 1
    for sentence in (
        "(faceitbot.E001) DEBUG: 'perhaps' is neither true nor false.",
        "(faceitbot.E001) REDIS_URL: it is not set.",
        "(faceitbot.E001) LOG_FORMAT: 'xml' is not one of auto, json, console.",
        "(faceitbot.E001) TRANSACTION_THREADS: '0' is not a whole number from 1 to 200.",
        "(faceitbot.E002) BOT_TIME_ZONE: 'Moon/Base' is not a time zone.",
    ):
        assert sentence in result.stderr
    assert result.stderr.count("HINT: ") == 5


def test_a_database_that_does_not_answer_is_named_with_where_it_was_sought():
    result = run_manage("migrate", DATABASE_URL="postgresql://somebody:secret@127.0.0.1:9/nowhere")

    assert result.returncode == 1
    assert "(faceitbot.E007) PostgreSQL does not answer at 127.0.0.1:9." in result.stderr
    assert "Traceback" not in result.stderr
    assert "secret" not in result.stderr


def test_the_web_server_refuses_to_serve_with_placeholders():
    result = subprocess.run(
        [sys.executable, "-c", "import faceitbot.asgi"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "SECRET_KEY": "x"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    last = result.stderr.strip().splitlines()[-1]
    assert last.endswith("ImproperlyConfigured: DATABASE_URL: it is not set; REDIS_URL: it is not set")


def test_a_missing_secret_key_is_one_sentence():
    result = run_manage("check", SECRET_KEY="")

    assert result.returncode == 1
    assert result.stderr == (
        "manage.py: SECRET_KEY is not set; put it into the environment or into .env (see .env.example)\n"
    )


def test_a_statement_that_outlives_its_transaction_is_an_error(settings):
    settings.DATABASE_STATEMENT_SECONDS = 7

    assert [found.id for found in checks.check_waits(None)] == ["faceitbot.E003"]


@pytest.mark.parametrize(
    ("https", "hosts", "found"),
    [
        (True, ["staff.example.com"], []),
        (False, ["127.0.0.1", "localhost"], []),
        (False, ["127.0.0.1", "staff.example.com"], ["faceitbot.W004"]),
    ],
)
def test_plain_http_is_for_this_machine_only(settings, https, hosts, found):
    settings.HTTPS, settings.ALLOWED_HOSTS = https, hosts

    assert [warning.id for warning in checks.check_https(None)] == found


@pytest.mark.parametrize(("asked_for", "found"), [(True, []), (False, ["faceitbot.W008"])])
def test_a_password_alone_is_not_for_production(settings, asked_for, found):
    settings.STAFF_TOTP = asked_for

    assert [warning.id for warning in checks.check_second_factor(None)] == found


@pytest.mark.django_db
def test_the_database_of_the_tests_passes_its_checks():
    assert run_checks(tags=["database"], databases=["default"]) == []


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("Yes", True), ("0", False), ("off", False), ("", True), ("ja", True)]
)
def test_a_flag_is_read_or_reported(monkeypatch, text, value):
    monkeypatch.setenv("SOME_FLAG", text)
    environment = Environment(ROOT / "no-such-file")

    assert environment.flag("SOME_FLAG", default=True) is value
    assert [problem.variable for problem in environment.problems] == (["SOME_FLAG"] if text == "ja" else [])


def test_a_file_fills_what_the_environment_leaves_open(monkeypatch, tmp_path):
    monkeypatch.setenv("SOME_TEXT", "from the environment")
    monkeypatch.delenv("OTHER_TEXT", raising=False)
    file = tmp_path / ".env"
    file.write_text("SOME_TEXT=from the file\nOTHER_TEXT=from the file\n")

    environment = Environment(file)

    assert environment.text("SOME_TEXT") == "from the environment"
    assert environment.text("OTHER_TEXT") == "from the file"
    monkeypatch.delenv("OTHER_TEXT")


def test_a_problem_is_told_with_its_hint(settings):
    settings.ENVIRONMENT_PROBLEMS = [Problem("X", "it is odd", "Write 1.")]

    (found,) = checks.check_environment(None)

    assert (found.id, found.msg, found.hint) == ("faceitbot.E001", "X: it is odd.", "Write 1.")


@pytest.mark.parametrize(("version", "found"), [((5, 2, 19), []), ((6, 0, 1), ["faceitbot.W009"])])
def test_another_django_than_the_hot_methods_are_written_for_is_named(monkeypatch, version, found):
    monkeypatch.setattr(django, "VERSION", (*version, "final", 0))

    assert [message.id for message in checks.check_django(None)] == found
