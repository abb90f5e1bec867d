"""Web, jobs and bot as processes: metrics answer with every server down, and have what alerts ask for."""

import os
import socket
import subprocess
import sys
import urllib.request
from functools import partial
from urllib.error import URLError

import pytest

from tests.eventually import eventually
from tests.faceitbot.monitoring.exposition import ROOT, names_of, read, rules

TOKEN = "a-long-and-random-token-of-prometheus"
BOT = """
import asyncio, sys
import faceitbot
faceitbot.setup()
async def main():
    faceitbot.serve_metrics(int(sys.argv[1]))
    await asyncio.to_thread(sys.stdin.read)
    await faceitbot.close()
asyncio.run(main())
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def exposed_by():
    """Start one of each without a database and without Redis; give what each exposes."""
    nowhere = f"127.0.0.1:{free_port()}"
    variables = {
        **os.environ,
        "DATABASE_URL": f"postgresql://somebody:secret@{nowhere}/nothing",
        "REDIS_URL": f"redis://{nowhere}/0",
        "METRICS_TOKEN": TOKEN,
        "PYTHONPATH": str(ROOT),
        "LOG_LEVEL": "ERROR",
    }
    ports = {"web": free_port(), "jobs": free_port(), "bot": free_port()}
    commands = {
        "web": ["-m", "faceitbot.serving", "--port", str(ports["web"])],
        "jobs": ["manage.py", "run_jobs", "--metrics-port", str(ports["jobs"])],
        "bot": ["-c", BOT, str(ports["bot"])],
    }
    started = {
        name: subprocess.Popen([sys.executable, *command], cwd=ROOT, env=variables, stdin=subprocess.PIPE)
        for name, command in commands.items()
    }

    def ask(name):
        request = urllib.request.Request(f"http://127.0.0.1:{ports[name]}/metrics")
        request.add_header("Authorization", f"Bearer {TOKEN}")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    def answer(name, wanted=""):
        try:
            text = ask(name)
        except URLError:
            assert started[name].poll() is None, f"{name} has ended"
            return None
        return text if wanted in text else None

    # The watch of the jobs gives a dead database its time before it says so.
    found = {name: eventually(partial(answer, name), within=60) for name in ("web", "bot")}
    found["jobs"] = eventually(lambda: answer("jobs", "faceitbot_check_state{"), within=60)
    yield found
    for process in started.values():
        process.kill()  # in good order, they would wait for the database first
        process.stdin.close()
    for process in started.values():
        process.wait(timeout=30)


def test_each_answers_with_every_server_down(exposed_by):
    for text in exposed_by.values():
        samples = read(text)
        assert samples["faceitbot_redis_up", frozenset()] == 0
        assert samples["faceitbot_database_pool_available", frozenset()] == 0
    state = {("check", "database"), ("state", "down")}
    assert read(exposed_by["jobs"])["faceitbot_check_state", frozenset(state)] == 1


def test_whatever_an_alert_names_is_exposed_by_one_of_them(exposed_by):
    exposed = {name for text in exposed_by.values() for name, _labels in read(text)}
    named = {name for rule in rules() for name in names_of(rule["expr"])} - {"up"}

    assert len(named) > 8
    assert named <= exposed


def test_whatever_the_dashboard_draws_is_exposed_where_redis_answers(exposed_by):
    text = (ROOT / "ops" / "grafana.json").read_text(encoding="utf-8")
    exposed = {name for text in exposed_by.values() for name, _labels in read(text)}

    missing = {name for name in names_of(text) if name not in exposed and name != "up"}

    assert all(name.startswith("faceitbot_redis_") for name in missing), missing


def test_jobs_begin_at_nothing(exposed_by):
    labels = frozenset({("name", "check_integrity"), ("outcome", "failed")})

    assert read(exposed_by["jobs"])["faceitbot_job_runs_total", labels] == 0
