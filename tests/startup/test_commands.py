"""`dev.py test` and `dev.py prove` hand everything to pytest, and give back its exit code."""

from hashlib import sha256
from pathlib import Path

import pytest

from faceitbot.embedded import StartError, prepare
from tests.startup.conftest import Checkout

NO_TEST_WAS_COLLECTED, USAGE_ERROR = 5, 4


def test_the_words_after_test_are_pytests(checkout: Checkout) -> None:
    done = checkout.dev("test", "-q", "-k", "python_3_6", "tests/startup/test_file.py")

    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_the_exit_code_of_test_is_pytests(checkout: Checkout) -> None:
    done = checkout.dev("test", "-k", "no_such_test", "tests/startup/test_file.py")

    assert done.returncode == NO_TEST_WAS_COLLECTED


def test_prove_without_a_name_lists_the_proofs(checkout: Checkout) -> None:
    done = checkout.dev("prove")

    assert done.returncode == 0
    assert {"embedded", "startup"} <= set(done.stdout.split())


def test_an_unknown_proof_is_refused_by_name(checkout: Checkout) -> None:
    done = checkout.dev("prove", "nonsense")

    assert done.returncode == USAGE_ERROR
    assert "there is no proof 'nonsense'" in done.stderr


def test_an_environment_without_its_own_settings_is_not_believed(tmp_path: Path) -> None:
    """Control of `prepare`: the mark alone says that all is installed, and python would start in no venv."""
    venv = tmp_path / "venv"
    lock = tmp_path / "requirements.txt"
    lock.write_text("")
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").touch()
    (venv / "installed.txt").write_text("\n".join([sha256(b"").hexdigest(), str(venv)]))
    asked = []

    def stop() -> None:
        asked.append(True)
        raise StartError("enough")

    with pytest.raises(StartError, match="enough"):
        prepare(venv, lock, stop)
    (venv / "pyvenv.cfg").touch()
    prepare(venv, lock, stop)

    assert asked == [True]


@pytest.mark.parametrize("port", ["²", "١", "0", "65536", "9" * 5000])
def test_what_is_no_port_is_refused_shortly(checkout: Checkout, port: str) -> None:
    done = checkout.dev("run", "--port", port)

    assert done.returncode == 2
    assert "is not a port from 1 to 65535" in done.stderr
    assert len(done.stderr) < 500


def test_exec_says_where_its_program_belongs(checkout: Checkout) -> None:
    done = checkout.dev("exec", "python", "-V")

    assert done.returncode == 2
    assert "put -- before the program" in done.stderr
    assert "dev.py exec [--fresh] -- PROGRAM ..." in done.stderr


def test_an_unknown_command_is_refused_by_name(checkout: Checkout) -> None:
    done = checkout.dev("serve")

    assert done.returncode == 2
    assert "invalid choice: 'serve'" in done.stderr
