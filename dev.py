#!/usr/bin/env python3
"""Sets this project up, runs it and checks it; needs Python 3.11 and nothing else.

Any Python may start it: it makes `.venv` from requirements-dev.txt and starts itself again in there. This
file parses on Python 3.6, so that an old Python gives a sentence and not a SyntaxError.
"""

import argparse
import os
import re
import secrets
import shutil
import signal
import sys
import time
from functools import partial
from pathlib import Path

if sys.version_info < (3, 11):
    sys.exit("dev.py: Python 3.11 or newer is needed; %s is %s." % (sys.executable, sys.version.split()[0]))

from faceitbot.embedded import (
    Child,
    StartError,
    State,
    StateInUseError,
    Urls,
    add,
    is_free,
    prepare,
    say,
    servers,
    state_folder,
    step,
    throw_away_servers,
    wait_until_served,
)

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = str(VENV / "bin" / "python")
MANAGE = [PYTHON, str(ROOT / "manage.py")]
STAFF_LOGIN = "admin"
STARTED_AGAIN = "FACEITBOT_DEV_STARTED_AGAIN"
MOST_SHARED_BUFFERS = 4 * 2**30  # a container may be allowed less than the machine has


# ---- The project's environment


def settings(urls: Urls, secret_key: str, **more: str) -> "dict[str, str]":
    """Give the environment of the project's processes; what the caller has set wins."""
    own = {
        "SECRET_KEY": secret_key,
        "DEBUG": "true",
        "HTTPS": "false",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
    }
    env = {**own, "DJANGO_SETTINGS_MODULE": "faceitbot.settings", **more, **os.environ}
    env.update(DATABASE_URL=urls.database, REDIS_URL=urls.redis, VIRTUAL_ENV=str(VENV))
    env["PATH"] = os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", os.defpath)])
    env["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    env.pop("PYTHONHOME", None)
    return env


def own_settings(state: State, urls: Urls, host: str = "localhost") -> "dict[str, str]":
    everywhere = host in ("0.0.0.0", "::")  # then other machines come by names that we cannot know
    hosts = "*" if everywhere else ",".join(sorted({"127.0.0.1", "localhost", host}))
    key = state.secret("secret_key")
    more = {"ALLOWED_HOSTS": hosts, "STATIC_ROOT": str(state.folder / "static")}
    if everywhere:  # pages with source code are for this machine only
        more["DEBUG"] = "false"
    return settings(urls, key, **more)


def call(command: "list[str]", env: "dict[str, str]") -> int:
    """Run a command on our terminal and give its exit code as a shell does."""
    program = shutil.which(command[0], path=env["PATH"])
    if program is None:
        say("dev.py: There is no program %s." % command[0])
        return 127
    early: list[int] = []  # signals that come before there is a program to pass them on to
    # Ctrl-C on the terminal reaches the program as well: its answer counts. The others reach only us.
    signal.signal(signal.SIGINT, lambda number, frame: None)
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, lambda number, frame: early.append(number))
    child = Child([program, *command[1:]], own_session=False, env=env)
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, lambda number, frame: child.process.send_signal(number))
    for number in early:
        child.process.send_signal(number)
    code = child.wait()
    stop_on_signals()
    return code if code >= 0 else 128 - code


def stop_on_signals() -> None:
    """Let Ctrl-C, SIGTERM and a closed terminal end us in good order, once."""

    def stop(number: int, frame: object) -> None:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, stop)


# ---- The commands


def run(options: argparse.Namespace) -> int:
    state = State(state_folder(ROOT))
    try:
        with state.hold():
            refuse_busy_port(options)
            with servers(state) as urls:
                return serve(options, state, urls)
    except StateInUseError as busy:
        raise StartError(who_uses(busy.offer)) from None


def who_uses(offer: "dict[str, str]") -> str:
    if "url" in offer:
        return "This checkout is already up at %s." % offer["url"]
    return "Another dev.py uses the servers of this checkout; wait until it ends."


def refuse_early(options: argparse.Namespace) -> None:
    """Say before the installation what would be said after it."""
    if options.function is run:
        refuse_busy_port(options)


def refuse_busy_port(options: argparse.Namespace) -> None:
    try:
        free = is_free(options.host, options.port)
    except OSError as error:
        raise StartError("Cannot listen on %s: %s." % (options.host, error.strerror)) from None
    if not free:
        raise StartError(
            "Port %d of %s is taken by another program; choose one with --port."
            % (options.port, options.host)
        )


def serve(options: argparse.Namespace, state: State, urls: Urls) -> int:
    host = "[%s]" % options.host if ":" in options.host else options.host
    url = "http://%s:%d/admin/" % ({"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host), options.port)
    env = own_settings(state, urls, options.host)
    password = state.secret("staff.password", length=16)
    step("database tables", [*MANAGE, "migrate", "--noinput"], env=env)
    told = step("staff login", [*MANAGE, "ensure_staff_login", STAFF_LOGIN], stdin=password, env=env)
    if options.sample and not options.demo:
        step("sample users and matches", [PYTHON, "-m", "examples.sample_data"], env=env)
    step("static files", [*MANAGE, "collectstatic", "--noinput"], env=env)
    command = [PYTHON, "-m", "faceitbot.serving", "--host", options.host, "--port", str(options.port)]
    web = Child([*command, "--graceful-seconds", "3"], env=env)
    jobs = Child([*MANAGE, "run_jobs"], env=dict(env, LOG_LEVEL=os.environ.get("LOG_LEVEL", "WARNING")))
    demo = None
    try:
        wait_until_served(web, url + "login/")
        state.offer({"url": url, "database": urls.database, "redis": urls.redis})
        print("faceitbot is up.")
        print("  open    %s" % url)
        if told.endswith("another password."):
            print("  login   %s, with the password that was given to it" % STAFF_LOGIN)
        else:
            print("  login   %s / %s" % (STAFF_LOGIN, password))
        print("  script  python3 dev.py exec -- python examples/bot_session.py")
        print("  stop    Ctrl-C", flush=True)
        if options.demo:  # its pages fill while they are looked at
            say("Ninety days of simulated users, from the first day on:")
            demo = Child([PYTHON, "-m", "examples.demo"], env=env)
        raise StartError("The web server ended by itself with exit code %d." % web.wait())
    except KeyboardInterrupt:
        say("\nStopping.")
        return 0
    finally:
        for child in filter(None, (demo, web, jobs)):  # all at once, each has its own work to end
            child.process.send_signal(child.ends_by)
        if demo:
            demo.stop()
        web.stop()
        jobs.stop()


def execute(options: argparse.Namespace) -> int:
    if options.fresh:
        with throw_away_servers(ROOT, use_given=False) as urls:
            env = settings(urls, secrets.token_urlsafe(48))
            step("database tables", [*MANAGE, "migrate", "--noinput"], env=env)
            return call(options.command, env)
    state = State(state_folder(ROOT))
    waits = False
    while True:
        try:
            with state.hold(), servers(state) as urls:
                env = own_settings(state, urls)
                if "DATABASE_URL" not in os.environ:
                    step("database tables", [*MANAGE, "migrate", "--noinput"], env=env)
                state.offer({"database": urls.database, "redis": urls.redis})
                code = call(options.command, env)
                state.offer({})
                waiting = partial(say, "Waiting for another dev.py that uses these servers.")
                state.wait_until_nobody_has_joined(waiting)
                return code
        except StateInUseError as busy:
            offer = busy.offer
        if offer:
            with state.joined():
                if state.offered() == offer:  # else they stop just now
                    given = os.environ.get
                    urls = Urls(given("DATABASE_URL", offer["database"]), given("REDIS_URL", offer["redis"]))
                    return call(options.command, own_settings(state, urls))
        if not waits:
            say("Waiting for another dev.py of this checkout, which is starting or stopping.")
            waits = True
        time.sleep(0.1)


def test(options: argparse.Namespace) -> int:
    with throw_away_servers(ROOT) as urls:
        return call([PYTHON, "-m", "pytest", *options.command], settings(urls, secrets.token_urlsafe(48)))


def prove(options: argparse.Namespace) -> int:
    if options.name is None:
        text = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("tests/**/*.py"))
        print("\n".join(sorted(set(re.findall(r"mark\.proof\(\"(\w+)\"\)", text)))))
        return 0
    options.command = ["--proof", options.name]
    return test(options)


def bench(options: argparse.Namespace) -> int:
    add(VENV, ROOT / "bench" / "requirements.txt", ROOT / "requirements-dev.txt")
    # As PostgreSQL's manual advises; with its default, large tables are read through the system's cache.
    quarter = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 4
    tuning = {"shared_buffers": "%dMB" % (min(quarter, MOST_SHARED_BUFFERS) // 2**20)}
    with throw_away_servers(ROOT, use_given=False, durable=True, tuning=tuning) as urls:
        env = settings(urls, secrets.token_urlsafe(48), DEBUG="false", LOG_LEVEL="ERROR")
        step("database tables", [*MANAGE, "migrate", "--noinput"], env=env)
        return call([PYTHON, "-m", "bench", *options.command], env)


def messages(_options: argparse.Namespace) -> int:
    env = settings(Urls("postgresql://nowhere/nothing", "redis://nowhere"), secrets.token_urlsafe(48))
    return call([PYTHON, "-m", "faceitbot.translating"], env)


def check(_options: argparse.Namespace) -> int:
    with throw_away_servers(ROOT) as urls:
        key = secrets.token_urlsafe(48)
        # One more than processors, for many tests wait for a process or a browser.
        workers = str(min(4, os.cpu_count() or 1) + 1)
        env = settings(urls, key)
        production = dict(env, DEBUG="false", HTTPS="true", ALLOWED_HOSTS="example.com", SECRET_KEY=key)
        for name, command, its_env in (
            ("format", ["ruff", "format", "--check", "."], env),
            ("lint", ["ruff", "check", "."], env),
            ("types", ["mypy"], env),
            ("types of dev.py", ["mypy", "dev.py"], env),
            ("migrations", [*MANAGE, "makemigrations", "--check", "--dry-run"], env),
            ("deployment", [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], production),
            ("tests", ["pytest", "-m", "not alone", "-n", workers, "--dist", "loadscope"], env),
            ("tests that measure", ["pytest", "-m", "alone"], env),
        ):
            say("---- %s: %s" % (name, " ".join(os.path.basename(word) for word in command)))
            code = call(command, its_env)
            if code != 0:
                say("dev.py: The check '%s' failed." % name)
                return code
    return 0


def reset(options: argparse.Namespace) -> int:
    state = State(state_folder(ROOT))
    try:
        with state.hold():
            if not options.yes:
                if not sys.stdin.isatty():
                    raise StartError("reset deletes the database of this checkout; say so with --yes.")
                if not agrees("Delete %s, the database and the staff login? [y/N] " % state.folder):
                    say("Nothing was deleted.")
                    return 1
            state.remove()
            say("Deleted %s." % state.folder)
    except StateInUseError as busy:
        raise StartError(who_uses(busy.offer) + " Nothing was deleted.") from None
    return 0


def agrees(question: str) -> bool:
    try:
        return input(question).lower() == "y"
    except EOFError:  # Ctrl-D
        return False


def port_number(text: str) -> int:
    if not (re.fullmatch("[0-9]{1,5}", text) and int(text) in range(1, 2**16)):
        raise argparse.ArgumentTypeError("%r is not a port from 1 to 65535" % text[:20])
    return int(text)


def parse(words: "list[str]") -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev.py", description=(__doc__ or "").split("\n")[0])
    commands = parser.add_subparsers(dest="name_of_command", required=True, metavar="COMMAND")
    parsers = {}
    for function, name, what in (
        (run, "run", "serve the admin on real servers, with sample users and matches"),
        (test, "test", "run the tests on throw-away servers; everything that follows is pytest's"),
        (check, "check", "run every check: format, lint, types, migrations, deployment, tests"),
        (execute, "exec", "run a program with the servers up: exec [--fresh] -- PROGRAM ..."),
        (prove, "prove", "run a proof at its full size; without a name, list them"),
        (bench, "bench", "measure beside other libraries, on servers of its own: bench [--quick] [NAME ...]"),
        (messages, "messages", "collect the texts of the pages for their translation, and compile them"),
        (reset, "reset", "delete the database and the staff login"),
    ):
        parsers[name] = commands.add_parser(name, help=what, description=what)
        parsers[name].set_defaults(function=function)
    parsers["run"].add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    parsers["run"].add_argument("--port", type=port_number, default=8000, help="(%(default)s)")
    parsers["run"].add_argument(
        "--no-sample", dest="sample", action="store_false", help="add no sample users and matches"
    )
    parsers["run"].add_argument(
        "--demo",
        action="store_true",
        help="instead of the sample, 90 days of simulated users and money, and live traffic",
    )
    parsers["exec"].usage = "dev.py exec [--fresh] -- PROGRAM ..."
    parsers["exec"].add_argument("--fresh", action="store_true", help="throw-away servers, an empty database")
    parsers["prove"].add_argument("name", nargs="?")
    parsers["reset"].add_argument("--yes", action="store_true", help="do not ask")

    # What belongs to another program is cut off before argparse sees it.
    cut = (
        1
        if words[:1] in (["test"], ["bench"])
        else words.index("--")
        if words[:1] == ["exec"] and "--" in words
        else len(words)
    )
    options, unknown = parser.parse_known_args(words[:cut])
    if unknown:
        before = "put -- before the program" if words[:1] == ["exec"] else "unknown words"
        parsers[options.name_of_command].error("%s: %s" % (before, " ".join(unknown)))
    options.command = words[cut + (words[:1] == ["exec"]) :]
    if words[:1] == ["exec"] and not options.command:
        parsers["exec"].error("say which program: exec [--fresh] -- PROGRAM ...")
    return options


def start_again() -> None:
    """Go on in the virtual environment, with the servers' wheels in reach."""
    broken = "%s cannot be used: remove %s and start again." % (PYTHON, VENV)
    if os.environ.get(STARTED_AGAIN) == str(os.getpid()):  # it keeps its number
        raise StartError(broken)
    os.environ[STARTED_AGAIN] = str(os.getpid())
    try:
        os.execv(PYTHON, [PYTHON, str(ROOT / "dev.py"), *sys.argv[1:]])
    except OSError:
        raise StartError(broken) from None


def main() -> int:
    try:
        stop_on_signals()
        options = parse(sys.argv[1:])
        os.chdir(str(ROOT))
        prepare(VENV, ROOT / "requirements-dev.txt", partial(refuse_early, options))
        if Path(sys.prefix).resolve() != VENV.resolve():
            start_again()
        return int(options.function(options))
    except KeyboardInterrupt:
        return 130
    except StartError as error:
        say("dev.py: %s" % error)
    except OSError as error:
        say("dev.py: %s: %s." % (error.filename or "this machine", error.strerror))
    return 1


if __name__ == "__main__":
    sys.exit(main())
