"""`dev.py test` and `dev.py prove` hand everything to pytest, and give back its exit code."""

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


def test_an_unknown_command_is_refused_by_name(checkout: Checkout) -> None:
    done = checkout.dev("serve")

    assert done.returncode == 2
    assert "invalid choice: 'serve'" in done.stderr
